"""Who issues: legal persons (設置者), boards, schools, their heads and officers by date, and their signing keys."""
