"""What every basket store must do. A store's tests subclass StoreContract.

The subclass provides a fixture `store`, and marks itself for the database if need be.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from basket.backends.base import BasketStore, Change, Contents, Line
from basket.exceptions import (
    BasketIsClosed,
    DetailsRefused,
    LineTooLarge,
    NotAnItem,
    NotAQuantity,
    TooManyLines,
)
from tests.basket.merge_contract import NEXT, OTHER, MergeContract, T


class StoreContract(MergeContract):
    # --- reading -------------------------------------------------------------------

    def test_an_unknown_basket_is_empty_and_has_version_0(self, store: BasketStore):
        assert store.read(T) == Contents(T, 0, "open", "", {}, ())
        assert store.read(T).pieces == 0
        assert store.read(T).line("milk-bread") is None

    def test_lines_are_read_in_the_order_they_came(self, store: BasketStore):
        for number, item in enumerate(["rye", "bun", "cake"]):
            store.add(T, item, 1, operation=f"add-{number}")
        store.add(T, "rye", 1, operation="once-more")
        assert [line.item for line in store.read(T).lines] == ["rye", "bun", "cake"]

    def test_contents_tell_pieces_and_find_lines(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        store.add(T, "bun", 5, operation="two")
        contents = store.read(T)
        assert contents.pieces == 7
        assert contents.line("bun") == Line("bun", 5, {})
        assert contents.version == 2

    # --- adding --------------------------------------------------------------------

    def test_adding_makes_the_basket_then_the_line_and_then_adds_up(self, store):
        assert store.add(T, "rye", 2, operation="one") == Change(1, 2, False)
        assert store.add(T, "rye", 3, operation="two") == Change(2, 5, False)
        assert store.read(T) == Contents(T, 2, "open", "", {}, (Line("rye", 5, {}),))

    def test_baskets_do_not_touch_each_other(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        assert store.add(OTHER, "rye", 1, operation="one") == Change(1, 1, False)
        assert store.read(T).pieces == 2

    def test_a_repeated_add_changes_nothing_and_gives_the_first_answer(self, store):
        store.add(T, "rye", 2, operation="one")
        store.add(T, "rye", 3, operation="two")
        before = store.read(T)
        assert store.add(T, "rye", 2, operation="one") == Change(1, 2, True)
        assert store.read(T) == before

    def test_a_repeat_is_recognised_even_when_it_would_no_longer_fit(self, store):
        store.add(T, "rye", 60, operation="one")
        assert store.add(T, "rye", 60, operation="one") == Change(1, 60, True)
        assert store.read(T).pieces == 60

    def test_details_come_with_the_line_and_the_newest_stay(self, store: BasketStore):
        store.add(T, "rye", 1, operation="one", details={"seen_cents": 450})
        assert store.read(T).line("rye").details == {"seen_cents": 450}
        store.add(T, "rye", 1, operation="two")
        assert store.read(T).line("rye").details == {"seen_cents": 450}
        store.add(T, "rye", 1, operation="three", details={"words": 'für "Ö" \\ 🍞'})
        assert store.read(T).line("rye").details == {"words": 'für "Ö" \\ 🍞'}

    def test_an_add_can_carry_facts_of_the_basket(self, store: BasketStore):
        day = {"day": "2026-11-24", "slot": None}
        assert store.add(T, "rye", 1, operation="one", facts=day) == Change(1, 1, False)
        assert store.read(T).details == day
        store.add(T, "rye", 1, operation="two", facts={"day": "2026-11-25"})
        assert store.read(T).details == {"day": "2026-11-25", "slot": None}
        store.add(T, "rye", 1, operation="three")
        assert store.read(T).details == {"day": "2026-11-25", "slot": None}

    def test_facts_of_an_add_may_depend_on_what_is_known(self, store: BasketStore):
        first, second = {"day": "2026-11-24", "slot": None}, {"day": "2026-11-25"}
        store.add(T, "rye", 1, operation="one", facts=first, unless="slot")
        assert store.read(T).details == first
        store.add(T, "rye", 1, operation="two", facts=second, unless="slot")
        assert store.read(T).details == first | second
        store.remember(T, {"slot": 7}, operation="three")
        changed = store.add(T, "rye", 1, operation="four", facts=first, unless="slot")
        assert changed == Change(4, 3, False)
        assert store.read(T).details == second | {"slot": 7}

    def test_a_repeated_or_refused_add_leaves_the_facts(self, store: BasketStore):
        store.add(T, "rye", 60, operation="one", facts={"day": "2026-11-24"})
        store.add(T, "rye", 1, operation="two", facts={"day": "2026-11-25"})
        before = store.read(T)
        store.add(T, "rye", 60, operation="one", facts={"day": "2026-11-24"})
        with pytest.raises(LineTooLarge):
            store.add(T, "rye", 60, operation="three", facts={"day": "2026-11-26"})
        with pytest.raises(DetailsRefused):
            store.add(T, "rye", 1, operation="four", facts={"day": "\x00"})
        assert store.read(T) == before

    @pytest.mark.parametrize("quantity", [0, -1, 1.0, "2", None, True])
    def test_adding_what_is_no_quantity_is_refused(self, store, quantity):
        store.add(T, "rye", 2, operation="one")
        before = store.read(T)
        with pytest.raises(NotAQuantity) as refused:
            store.add(T, "rye", quantity, operation="two")
        assert refused.value.quantity is quantity
        assert store.read(T) == before

    @pytest.mark.parametrize("quantity", [100, 40_000, 10**30])
    def test_adding_too_many_at_once_is_refused(self, store, quantity):
        with pytest.raises(LineTooLarge) as refused:
            store.add(T, "rye", quantity, operation="one")
        assert (refused.value.item, refused.value.limit) == ("rye", 99)
        assert store.read(T).version == 0

    def test_a_line_takes_99_pieces_and_not_one_more(self, store: BasketStore):
        store.add(T, "rye", 98, operation="one")
        assert store.add(T, "rye", 1, operation="two") == Change(2, 99, False)
        before = store.read(T)
        with pytest.raises(LineTooLarge) as refused:
            store.add(T, "rye", 1, operation="three")
        assert (refused.value.item, refused.value.limit) == ("rye", 99)
        assert store.read(T) == before

    def test_a_refused_operation_may_be_done_later(self, store: BasketStore):
        store.add(T, "rye", 99, operation="one")
        with pytest.raises(LineTooLarge):
            store.add(T, "rye", 1, operation="two")
        store.put(T, "rye", 3, operation="three")
        assert store.add(T, "rye", 1, operation="two") == Change(3, 4, False)

    def test_a_basket_takes_100_lines_and_not_one_more(self, store: BasketStore):
        for number in range(100):
            store.add(T, f"item-{number}", 1, operation=f"add-{number}")
        before = store.read(T)
        assert len(before.lines) == 100
        for change in (store.add, store.put):
            with pytest.raises(TooManyLines) as refused:
                change(T, "one-more", 1, operation="too-many")
            assert refused.value.limit == 100
        assert store.read(T) == before
        assert store.add(T, "item-7", 1, operation="again") == Change(101, 2, False)
        store.put(T, "item-8", 0, operation="out")
        assert store.add(T, "one-more", 1, operation="too-many").quantity == 1
        assert len(store.read(T).lines) == 100

    @pytest.mark.parametrize("words", ["a\x00b", "\ud800", "x" * 9_000])
    def test_details_that_cannot_be_kept_are_refused(self, store, words):
        with pytest.raises(DetailsRefused):
            store.add(T, "rye", 1, operation="one", details={"words": words})
        with pytest.raises(DetailsRefused):
            store.put(T, "rye", 1, operation="one", details={"words": words})
        with pytest.raises(DetailsRefused):
            store.remember(T, {"words": words}, operation="one")
        assert store.read(T).version == 0

    @pytest.mark.parametrize("item", ["", "x" * 121, "rye\x00", "\ud800"])
    def test_what_cannot_be_an_item_is_refused(self, store: BasketStore, item):
        with pytest.raises(NotAnItem):
            store.add(T, item, 1, operation="one")
        for quantity in (0, 1):
            with pytest.raises(NotAnItem):
                store.put(T, item, quantity, operation="one")
        assert store.read(T).version == 0
        assert store.add(T, "x" * 120, 1, operation="one") == Change(1, 1, False)

    @pytest.mark.parametrize("operation", ["", "x" * 65, "one\x00", "\ud800"])
    def test_what_cannot_be_an_operation_is_refused(self, store, operation):
        with pytest.raises(ValueError, match="operation id"):
            store.add(T, "rye", 1, operation=operation)
        with pytest.raises(ValueError, match="operation id"):
            store.put(T, "rye", 0, operation=operation)
        with pytest.raises(ValueError, match="operation id"):
            store.remember(T, {}, operation=operation)
        assert store.read(T).version == 0
        store.add(T, "rye", 1, operation="x" * 64)

    # --- setting -------------------------------------------------------------------

    def test_putting_sets_the_quantity_whatever_it_was(self, store: BasketStore):
        assert store.put(T, "rye", 3, operation="one") == Change(1, 3, False)
        assert store.put(T, "rye", 1, operation="two") == Change(2, 1, False)
        assert store.put(T, "rye", 99, operation="three") == Change(3, 99, False)
        assert store.read(T).lines == (Line("rye", 99, {}),)

    def test_putting_0_takes_the_line_out(self, store: BasketStore):
        store.add(T, "rye", 3, operation="one")
        store.add(T, "bun", 1, operation="two")
        assert store.put(T, "rye", 0, operation="three") == Change(3, 0, False)
        assert store.read(T).lines == (Line("bun", 1, {}),)

    def test_putting_0_of_what_is_not_there_is_no_error(self, store: BasketStore):
        assert store.put(T, "rye", 0, operation="one") == Change(1, 0, False)
        assert store.put(T, "rye", 0, operation="two") == Change(2, 0, False)
        assert store.read(T).lines == ()

    def test_a_repeated_put_does_not_undo_what_came_after_it(self, store: BasketStore):
        store.put(T, "rye", 3, operation="one")
        store.put(T, "rye", 0, operation="two")
        store.put(T, "rye", 5, operation="three")
        assert store.put(T, "rye", 3, operation="one") == Change(1, 3, True)
        assert store.put(T, "rye", 0, operation="two") == Change(2, 0, True)
        assert store.read(T).pieces == 5
        assert store.read(T).version == 3

    def test_putting_keeps_details_unless_new_ones_come(self, store: BasketStore):
        store.add(T, "rye", 3, operation="one", details={"seen_cents": 450})
        store.put(T, "rye", 2, operation="two")
        assert store.read(T).line("rye").details == {"seen_cents": 450}
        store.put(T, "rye", 2, operation="three", details={"seen_cents": 460})
        assert store.read(T).line("rye").details == {"seen_cents": 460}

    @pytest.mark.parametrize("quantity", [-1, 1.5, "2", None, False])
    def test_putting_what_is_no_quantity_is_refused(self, store, quantity):
        store.add(T, "rye", 2, operation="one")
        before = store.read(T)
        with pytest.raises(NotAQuantity):
            store.put(T, "rye", quantity, operation="two")
        assert store.read(T) == before

    def test_putting_more_than_99_is_refused(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        before = store.read(T)
        with pytest.raises(LineTooLarge):
            store.put(T, "rye", 100, operation="two")
        assert store.read(T) == before

    # --- remembering ---------------------------------------------------------------

    def test_facts_are_set_one_by_one(self, store: BasketStore):
        day = {"day": "2026-11-24", "slot": 7}
        assert store.remember(T, day, operation="one") == Change(1, 0, False)
        changed = store.remember(T, {"slot": None}, operation="two")
        assert changed == Change(2, 0, False)
        assert store.read(T).details == {"day": "2026-11-24", "slot": None}

    def test_a_repeated_fact_does_not_undo_what_came_after_it(self, store):
        store.remember(T, {"slot": 7}, operation="one")
        store.remember(T, {"slot": 8}, operation="two")
        again = store.remember(T, {"slot": 7}, operation="one")
        assert again == Change(1, 0, True)
        assert store.read(T).details == {"slot": 8}

    # --- somebody else's operation id ----------------------------------------------

    def test_an_operation_id_of_another_basket_means_nothing_here(self, store):
        store.add(T, "rye", 2, operation="theirs")
        assert store.add(OTHER, "bun", 1, operation="theirs") == Change(1, 1, False)
        assert store.read(T).lines == (Line("rye", 2, {}),)

    # --- closing -------------------------------------------------------------------

    def test_closing_needs_the_very_version(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        before = store.read(T)
        assert store.close(T, version=2, next_token=NEXT) is False
        assert store.close(OTHER, version=0, next_token=NEXT) is False
        assert store.read(T) == before
        assert store.close(T, version=1, next_token=NEXT) is True

    def test_a_closed_basket_keeps_its_lines_and_leads_on(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        store.close(T, version=1, next_token=NEXT)
        contents = store.read(T)
        assert (contents.state, contents.next_token) == ("ordered", NEXT)
        assert contents.lines == (Line("rye", 2, {}),)
        assert store.close(T, version=1, next_token=OTHER) is False
        assert store.read(T) == contents

    def test_a_closed_basket_takes_no_change_but_answers_repeats(self, store):
        store.add(T, "rye", 2, operation="one")
        store.close(T, version=1, next_token=NEXT)
        before = store.read(T)
        changes = [
            lambda: store.add(T, "bun", 1, operation="two"),
            lambda: store.put(T, "rye", 1, operation="two"),
            lambda: store.put(T, "rye", 0, operation="two"),
            lambda: store.remember(T, {"slot": 1}, operation="two"),
        ]
        for change in changes:
            with pytest.raises(BasketIsClosed) as refused:
                change()
            assert refused.value.next_token == NEXT
        assert store.add(T, "rye", 2, operation="one") == Change(1, 2, True)
        assert store.read(T) == before

    # --- forgetting ----------------------------------------------------------------

    def test_only_untouched_baskets_are_forgotten(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        before = store.read(T)
        assert store.forget(untouched_for=timedelta(days=1)) == 0
        assert store.read(T) == before
        # A negative time counts baskets of this very moment as untouched.
        at_once = timedelta(minutes=-1)
        assert store.forget(untouched_for=at_once, dry_run=True) == 1
        assert store.read(T) == before
        assert store.forget(untouched_for=at_once) == 1
        assert store.read(T) == Contents(T)

    def test_baskets_with_an_item_are_forgotten_whatever_their_state(self, store):
        store.add(T, "rye", 2, operation="one")
        store.close(T, version=1, next_token=NEXT)
        store.add(OTHER, "rye", 1, operation="two")
        store.add(NEXT, "bun", 1, operation="three")
        kept = store.read(NEXT)
        store.forget_item("rye")
        assert (store.read(T), store.read(OTHER)) == (Contents(T), Contents(OTHER))
        store.forget_item("rye")
        assert store.read(NEXT) == kept

    def test_a_trail_leads_through_ordered_and_merged_baskets_both_ways(self, store):
        store.add(T, "rye", 1, operation="one")
        store.close(T, version=1, next_token=NEXT)
        store.add(NEXT, "bun", 1, operation="two")
        store.add(OTHER, "rye", 1, operation="three")
        store.merge(OTHER, NEXT, owner="mina")
        everything = sorted([T, NEXT, OTHER])
        for start in everything:
            assert store.trail([start], owners=["mina"]) == everything
        assert store.trail(owners=["mina"]) == everything

    def test_a_trail_ends_where_a_basket_is_somebody_else_s(self, store):
        store.add(T, "rye", 1, operation="one")
        store.close(T, version=1, next_token=NEXT)
        store.add(NEXT, "bun", 1, operation="two")
        store.merge(NEXT, NEXT, owner="mina")
        assert store.trail([T], owners=["nobody"]) == [T]
        assert store.trail([T]) == [T]

    def test_a_trail_of_nothing_is_empty(self, store):
        store.add(T, "rye", 1, operation="one")
        assert store.trail() == []
        assert store.trail([OTHER], owners=["", "nobody"]) == []

    def test_removed_baskets_are_gone_whatever_their_state(self, store):
        store.add(T, "rye", 1, operation="one")
        store.close(T, version=1, next_token=NEXT)
        store.add(NEXT, "bun", 1, operation="two")
        store.add(OTHER, "rye", 1, operation="three")
        kept = store.read(OTHER)
        assert store.remove([T, NEXT, "d" * 32]) == 2
        assert (store.read(T), store.read(NEXT)) == (Contents(T), Contents(NEXT))
        assert store.read(OTHER) == kept
        assert store.remove([T]) == 0

    def test_a_forgotten_basket_begins_anew(self, store: BasketStore):
        store.add(T, "rye", 2, operation="one")
        store.forget(untouched_for=timedelta(minutes=-1))
        assert store.add(T, "rye", 1, operation="one") == Change(1, 1, False)
