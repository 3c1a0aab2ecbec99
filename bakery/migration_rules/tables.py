"""Which tables stay small, and which migrations were there before the rules."""

from __future__ import annotations

# As many rows as a bakery has goods, people at work and days: a lock while all of them
# are read is over before a shopper notices. Everything else may be as large as it gets.
SMALL = {
    *("bakery.contracted", "bakery.jobturn", "bakery.serverheartbeat"),
    *("bakery.pagechange", "bakery.workerheartbeat", "contenttypes.contenttype"),
    *("auth.group", "auth.permission", "shop.category", "shop.dayexception"),
    *("shop.ingredient", "shop.openingrule", "shop.option", "shop.optiongroup"),
    *("shop.place", "shop.product", "shop.recipe", "shop.recipeline"),
    *("shop.resource", "shop.resourceuse", "shop.taxclass", "shop.variant"),
}

# The last migration of each app that no running fleet is older than. What comes after
# it is judged, also what an upgrade of a library brings.
BEGUN_WITH = {
    "account": "0009_emailaddress_unique_primary_email",
    "admin": "0003_logentry_add_action_flag_choices",
    "auth": "0012_alter_user_first_name_max_length",
    "bakery": "0002_page_changes",
    "basket": "0001_initial",
    "contenttypes": "0002_remove_content_type_name",
    "django_tasks_database": "0021_conditional_partial_index_ordering",
    "mfa": "0003_authenticator_type_uniq",
    "sessions": "0001_initial",
    "shop": "0004_my_account",
    "usersessions": "0001_initial",
}
