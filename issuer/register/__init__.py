"""The school's register: learners, the facts about them, how they come in, and what certificates they allow."""
