"""How people sign in: django-allauth with our rules, limits, records and words. Systems: supplychain.api."""
