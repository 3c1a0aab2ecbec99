"""What customers type about themselves in their account."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from shop.allergens import SOURCES
from shop.forms import ContactForm
from shop.models import Customer, Place, User

ERASE_WORD = "erase"
# Families that can be ticked as a whole.
WHOLE = {"gluten": "Everything with gluten", "nuts": "All nuts that grow on trees"}


class DetailsForm(forms.Form):
    """Name and phone as in checkout, and where to pick up if there is a choice."""

    name = ContactForm.base_fields["name"]
    phone = ContactForm.base_fields["phone"]
    usual_place = forms.ModelChoiceField(
        Place.objects.none(),
        label="Where you like to pick up",
        required=False,
        empty_label="No matter",
        help_text="We offer you its times first.",
        error_messages={"invalid_choice": "Choose one of our counters."},
        widget=forms.Select(attrs={"class": "input"}),
    )

    clean_name = ContactForm.clean_name
    clean_phone = ContactForm.clean_phone

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["name"].widget.attrs |= {
            "autocapitalize": "words",
            "enterkeyhint": "next",
        }
        self.fields["phone"].widget.attrs["enterkeyhint"] = "done"
        places = Place.objects.filter(is_active=True)
        if len(places) > 1:
            self.fields["usual_place"].queryset = places
        else:
            del self.fields["usual_place"]

    @classmethod
    def of(cls, customer: Customer) -> DetailsForm:
        return cls(
            initial={
                "name": customer.name,
                "phone": customer.phone,
                "usual_place": customer.usual_place_id,
            }
        )


@dataclass(frozen=True)
class Tick:
    """One box of the form of allergies."""

    code: str
    words: str
    is_ticked: bool


@dataclass(frozen=True)
class Family:
    """Sources that belong together, such as nuts; the first box means all of them."""

    whole: Tick | None
    members: list[Tick]


class AllergiesForm(forms.Form):
    """Sources of shop/allergens.py, or whole families of them."""

    allergies = forms.MultipleChoiceField(
        required=False,
        choices=[(code, words) for code, words in (WHOLE | SOURCES).items()],
        error_messages={"invalid_choice": "One of these is no allergen we know."},
    )

    def families(self) -> list[Family]:
        """The boxes as they stand: what was posted, or else what is kept."""
        ticked = set(self["allergies"].value() or [])
        groups = groupby(SOURCES, key=lambda code: code.partition(".")[0])
        return [_family(name, list(members), ticked) for name, members in groups]


def _family(name: str, codes: list[str], ticked: set[str]) -> Family:
    all_of_it = name in ticked or ticked.issuperset(codes)
    members = [
        Tick(code, SOURCES[code].capitalize(), code in ticked or all_of_it)
        for code in codes
    ]
    whole = Tick(name, WHOLE[name], all_of_it) if name in WHOLE else None
    return Family(whole, members)


class EraseForm(forms.Form):
    """The password once more; who has none writes a word."""

    password = forms.CharField(
        label="Your password",
        max_length=128,
        strip=False,
        error_messages={"required": "Enter your password, so that we know it is you."},
        widget=forms.PasswordInput(
            attrs={
                "class": "input",
                "autocomplete": "current-password",
                "enterkeyhint": "next",
            }
        ),
    )
    word = forms.CharField(
        label=f"Write the word “{ERASE_WORD}”",
        max_length=20,
        error_messages={"required": f"Write the word “{ERASE_WORD}”."},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "off",
                "autocapitalize": "none",
                "enterkeyhint": "go",
            }
        ),
    )

    def __init__(self, *args: Any, user: User, **named: Any) -> None:
        super().__init__(*args, **named)
        self.user = user
        if not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("This is not your password.")
        return password

    def clean_word(self) -> str:
        word = self.cleaned_data["word"].strip().strip("“”\"'").lower()
        if word != ERASE_WORD:
            raise ValidationError(f"Write the word “{ERASE_WORD}”, nothing else.")
        return word
