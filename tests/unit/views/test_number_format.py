import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_demo.errors import OptionError
from resnet_demo.views.number_format import column, number, percent, signed, signed_percent, text_width, tick


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.41234, "0.412"),
        (12.345, "12.3"),
        (9.999, "10.0"),
        (1520.4, "1520"),
        (-0.5, "−0.500"),
        (-1.23e-6, "−1.23×10⁻⁶"),
        (6.02e23, "6.02×10²³"),
    ],
)
def test_number(value, text):
    assert number(value) == text


def test_signed_marks_both_signs_and_not_zero():
    assert (signed(0.42), signed(-0.42), signed(0)) == ("+0.420", "−0.420", "0")


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0, "0.0%"), (0.0004, "<0.1%"), (0.0561, "5.6%"), (0.99999, ">99.9%"), (1, "100.0%")],
)
def test_percent_never_rounds_to_nothing_or_everything(fraction, text):
    assert percent(fraction) == text


def test_column_has_equal_decimals_but_never_hides_a_number():
    assert column([7.9, -0.031, 0.0, 2e-6], sign=True) == ["+7.90", "−0.03", "0", "+2.0×10⁻⁶"]
    assert column([1234.5, 2.2]) == ["1234", "2"]
    assert column([]) == []


@given(st.floats(-1e300, 1e300))
def test_number_keeps_the_value_to_three_digits(value):
    written = number(value).replace("−", "-").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert math.isclose(float(written.replace("×10", "e")), value, rel_tol=5.1e-3)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("write", [number, signed, percent])
def test_what_is_not_finite_is_refused(write, value):
    with pytest.raises(OptionError, match="finite"):
        write(value)


def test_tick_has_the_decimals_of_its_step():
    assert [tick(v, 0.5) for v in (-0.5, 0, 0.5)] == ["−0.5", "0.0", "0.5"]
    assert tick(20, 10) == "20"


def test_full_width_letters_are_wider():
    assert text_width("捷径", 12) == 24
    assert text_width("ab", 12) < 24


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.018, "+2%"), (-0.521, "−52%"), (0.004, "0%"), (-0.004, "0%"), (1.6, "+160%"), (float("nan"), "–")],
)
def test_a_signed_percent_is_whole(fraction, text):
    assert signed_percent(fraction) == text
