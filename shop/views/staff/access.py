"""Logging in and out of the staff side."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from shop.models import User


class StaffLoginForm(AuthenticationForm):
    """E-mail address and password. Customers are refused in the same words."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": "We do not know this e-mail address and password together. "
        "Check both; capitals matter in the password.",
        "inactive": "We do not know this e-mail address and password together. "
        "Check both; capitals matter in the password.",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"
        self.fields["username"].error_messages["required"] = (
            "Enter your e-mail address."
        )
        self.fields["password"].error_messages["required"] = "Enter your password."
        self.fields["username"].widget.attrs |= {
            "class": "input",
            "autocomplete": "username",
            "inputmode": "email",
        }
        self.fields["password"].widget.attrs |= {"class": "input"}

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(
                self.error_messages["invalid_login"], code="invalid_login"
            )


class StaffLogin(LoginView):
    """Caching: none. A foreign address in `next` leads to the dashboard instead."""

    template_name = "shop/staff/login.html"
    authentication_form = StaffLoginForm
    redirect_authenticated_user = False

    def form_invalid(self, form: StaffLoginForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@method_decorator(never_cache, name="dispatch")
class StaffLogout(LogoutView):
    """By POST only; then the log-in page. Caching: none."""

    next_page = "staff:login"
