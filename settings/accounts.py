"""Logging in: django-allauth, passwords, second factors, limits on guessing."""

from __future__ import annotations

from settings.environment import read

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds

AUTH_USER_MODEL = "shop.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = _HOUR

# One hash at a time in each process, and a short queue: see bakery/hashing.py.
PASSWORD_HASHERS = [
    "bakery.hashing.OneAtATimeArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "shop.accounts.passwords.NotTooLong"},
    {"NAME": "shop.accounts.passwords.NotTheShopsOwnWords"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation"
        ".UserAttributeSimilarityValidator"
    },
]

# How long a log-in lasts, however often it is used.
SHOPPER_LOG_IN_SECONDS = 14 * _DAY
STAFF_LOG_IN_SECONDS = 12 * _HOUR
SESSION_COOKIE_AGE = SHOPPER_LOG_IN_SECONDS

# Without a fleet the demo bakery's log-ins come in with their password alone.
DEMO_STAFF_NEED_SECOND_FACTOR = bool(read("FLEET"))

# --- django-allauth ----------------------------------------------------------------

# Its limits and used codes are kept there, so that all servers count together and
# nobody gets in, or is kept out, because Redis is away.
ACCOUNT_CACHE_ALIAS = "shared"
ACCOUNT_ADAPTER = "shop.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * _MINUTE
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "shop.accounts.forms.LogInForm",
    "signup": "shop.accounts.forms.SignUpForm",
    "reset_password": "shop.accounts.forms.ResetForm",
    "reset_password_from_key": "shop.accounts.forms.NewPasswordForm",
    "change_password": "shop.accounts.forms.ChangePasswordForm",
    "add_email": "shop.accounts.forms.NewEmailForm",
    "reauthenticate": "shop.accounts.forms.ReauthenticateForm",
}
# Failed log-ins count for the network, and for the account as tried from that network:
# who guesses locks out nobody but themselves. See DECISIONS.md.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/5m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/5m/key",
    "confirm_email": "1/1m/key",
    "profile_picture": "30/h/user",  # reading one is work
}

MFA_ADAPTER = "shop.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = read("SHOP_NAME")
MFA_TOTP_TOLERANCE = 1  # codes of the half minute before and after count too
MFA_FORMS = {
    "activate_totp": "shop.accounts.second_factor.SetUpCodesForm",
    "add_webauthn": "shop.accounts.second_factor.AddPasskeyForm",
    "edit_webauthn": "shop.accounts.second_factor.RenamePasskeyForm",
    "login_webauthn": "shop.accounts.second_factor.LogInPasskeyForm",
    "authenticate_webauthn": "shop.accounts.second_factor.PasskeyForm",
    "reauthenticate_webauthn": "shop.accounts.second_factor.PasskeyAgainForm",
    "authenticate": "shop.accounts.second_factor.CodeForm",
    "reauthenticate": "shop.accounts.second_factor.CodeAgainForm",
}
# Browsers take passkeys over https, and over http for this very machine only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not read("SITE_URL").startswith("https://")
