"""From a request to sealed documents: request → batch → approval → document → entitlement (DESIGN §5).

numbers       document numbers from one counter per school and 年度
digest        the batch digest that an approval is made over
batches       drafting, freezing, sending back
approvals     the decision of a second person, in one of three modes
sealer        prepare → record → sign, resumable after any crash
entitlements  claim links and slips
changes       revoke, suspend, reinstate
"""
