"""Staff accounts and sign-in, the same for every service that has a staff console.

A service defines the tables in its own metadata (`tables.define_staff_tables`), builds one `service.StaffService` and
mounts `routes.routes`. People, grants and sessions belong to that service alone: nothing is shared across services.
"""
