"""Fields out of removed lines: dates read right, or left raw with a reason; sources, tags, codes and bylines."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import Document, clean
from newsclean.fields import names, parse_date, read_date_line, read_fields, read_title
from newsclean.fields.calendars import Calendar, days_of
from newsclean.fields.tokens import shape_of

READ = {
    "English ordinal and month, zone without a time": ("ar", "تاريخ النشر: 21st, March 2024 GMT", "2024-03-21"),
    "English ordinal before the year": ("en", "August 24th 2019, 17:59:00.000", "2019-08-24T17:59:00"),
    "English with points in a.m.": ("en", "Monday, November 18th, 2019 at 11:08 a.m.", "2019-11-18T11:08"),
    "English, time glued to pm": ("en", "19 November 2019 • 1:16pm", "2019-11-19T13:16"),
    "English, time first": ("en", "4:19p.m. 19 January 2008", "2008-01-19T16:19"),
    "English, PM before the time": ("ko", "2024-12-05 PM 5:30", "2024-12-05T17:30"),
    "English, hour alone": ("en", "5 PM, 3 May 2021", "2021-05-03T17:00"),
    "English, month first decided by its range": ("en", "11/20/2019 10:08 AM", "2019-11-20T10:08"),
    "English, day first decided by its range": ("en", "20/11/2019", "2019-11-20"),
    "English, day first decided by the weekday": ("en", "Wed 04/03/2020", "2020-03-04"),
    "English, month first decided by the weekday": ("en", "Fri 04/03/2020", "2020-04-03"),
    "same day and month": ("en", "05/05/2020", "2020-05-05"),
    "two figures for the year, all else excluded": ("en", "08/15/17 09:25 PM", "2017-08-15T21:25"),
    "wire stamp of the eighties": (None, "26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01"),
    "ISO date": (None, "2020-12-25", "2020-12-25"),
    "ISO date in a sentence of chrome": ("ar", "date 2025-07-31 الأرشيف / أخبار", "2025-07-31"),
    "ISO with Z": (None, "2017-01-31T10:21:00Z", "2017-01-31T10:21:00+00:00"),
    "ISO with fraction and offset": (None, "2017-01-31T10:21:00.123+01:00", "2017-01-31T10:21:00+01:00"),
    "ISO west of Greenwich": (None, "2017-01-31T10:21:00-05:00", "2017-01-31T10:21:00-05:00"),
    "zone by name": ("en", "Published 2:10 PM EDT Apr 21, 2017", "2017-04-21T14:10-04:00"),
    "zone before the time": ("ar", "GMT 17:27 17.03.2020", "2020-03-17T17:27+00:00"),
    "zone with an offset": ("vi", "Thứ Năm, 05/12/2024, 10:30 (GMT+7)", "2024-12-05T10:30+07:00"),
    "zone that many share says nothing": ("hi", "Sat, 28 Nov 2020 01:34 PM (IST)", "2020-11-28T13:34"),
    "Arabic, eastern month, evening": ("ar", "الجمعة، 03 ديسمبر 2021 - 01:39 م", "2021-12-03T13:39"),
    "Arabic, morning spelled out": ("ar", "2020/12/25 - 1:59 صباحًا", "2020-12-25T01:59"),
    "Arabic, midnight": ("ar", "5 مايو 2020 12:05 ص", "2020-05-05T00:05"),
    "Arabic, night": ("ar", "5 مايو 2020 11:30 ليلاً", "2020-05-05T23:30"),
    "Arabic, era sign is no evening": ("ar", "10 أغسطس 2015م 09:15", "2015-08-10T09:15"),
    "Arabic, time of 24 hours with evening": ("ar", "10 أغسطس 2015 14:55 م", "2015-08-10T14:55"),
    "Arabic figures, weekday decides the order": ("ar", "٠٢:٠٠ الثلاثاء ١ / ١٢ / ٢٠٢٠", "2020-12-01T02:00"),
    "Arabic weekday decides against the habit": ("ar", "الأحد 12/01/2019", "2019-12-01"),
    "Arabic, Levantine month": ("ar", "نشر بتاريخ: ٦ كانون الأول ٢٠٢٤", "2024-12-06"),
    "Arabic, both traditions": ("ar", "تم نشره الجمعة 24 نيسان / أبريل 2020 09:22 مساءً", "2020-04-24T21:22"),
    "Arabic, both traditions in brackets": ("ar", "7 تشرين الأول (أكتوبر) 2023", "2023-10-07"),
    "Arabic, Maghreb month": ("ar", "الجمعة 8 فيفري 2019", "2019-02-08"),
    "Arabic, Moroccan month": ("ar", "14 غشت 2022", "2022-08-14"),
    "Arabic, month before day": ("ar", "ديسمبر 25, 2020", "2020-12-25"),
    "Arabic, slashes round the month": ("ar", "منذ 11 ساعة — الأحد — 7 / يوليو / 2024", "2024-07-07"),
    "Arabic habit is day first": ("ar", "02/01/2017", "2017-01-02"),
    "invisible marks among the figures": ("ar", "\u200f٥\u200f/\u200f١٢\u200f/\u200f٢٠٢٤", "2024-12-05"),
    "Hijri beside Gregorian": ("ar", "طرابلس 25 شوال 1436 هـ الموافق 10 اغسطس 2015 م واس", "2015-08-10"),
    "Hijri with its weekday": ("ar", "الاثنين 25 شوال 1436 هـ", "2015-08-10"),
    "Hijri first in two words": ("ar", "11 ربيع الأول 1446هـ - 14 سبتمبر 2024م", "2024-09-14"),
    "Jalali month": ("fa", "۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵", "2020-02-18T06:55"),
    "Jalali month with a weekday of two words": ("fa", "سه شنبه ۴ دی ۱۴۰۳", "2024-12-24"),
    "Jalali weekday with a joiner": ("fa", "سه‌شنبه ۴ دی‌ماه ۱۴۰۳", "2024-12-24"),
    "Jalali with a city between": ("fa", "پنجشنبه ۶ اردیبهشت ۱۴۰۳ تهران ۱۷:۲۴", "2024-04-25T17:24"),
    "Jalali, afternoon": ("fa", "2 تير 1399 - 12:09:08 ب.ظ", "2020-06-22T12:09:08"),
    "Jalali, morning": ("fa", "۲ تیر ۱۳۹۹ - ۹:۱۰ ق.ظ", "2020-06-22T09:10"),
    "Jalali in figures": ("fa", "تاریخ انتشار : ۱۳۹۸/۰۹/۱۸", "2019-12-09"),
    "Jalali in Arabic figures, language unknown": (None, "١٣٩٨/٠٩/١٨", "2019-12-09"),
    "Jalali, day first": ("fa", "انتشار: ۰۹:۰۳ - ۱۸-۰۳-۱۳۹۶", "2017-06-08T09:03"),
    "Jalali beside Gregorian": ("fa", "انتشار: ۱۰:۰۵ - ۱۱ آبان ۱۳۹۶ - 2017 November 02", "2017-11-02T10:05"),
    "Jalali leap day": ("fa", "۳۰ اسفند ۱۴۰۳", "2025-03-20"),
    "Afghan month": ("fa", "۱۴ حوت ۱۴۰۱", "2023-03-05"),
    "Persian spelling of a Gregorian month": ("fa", "۵ ژوئن ۲۰۲۴", "2024-06-05"),
    "Urdu": ("ur", "یہ خبر 18 مئی 2018 کو شائع ہوئی", "2018-05-18"),
    "Pashto": ("ps", "۱۸ سلواغه ۱۴۰۰", "2022-02-07"),
    "Sorani month of two words": ("ckb", "٥ کانوونی دووەم ٢٠٢٤", "2024-01-05"),
    "Hebrew with its preposition": ("he", "30 באוקטובר 2020", "2020-10-30"),
    "Hindi figures": ("hi", "१५ अप्रैल २०२०", "2020-04-15"),
    "Hindi, nukta or none": ("hi", "15 फ़रवरी 2020 | 15 फरवरी 2020", "2020-02-15"),
    "Bengali figures": ("bn", "প্রকাশ: ০৫ ডিসেম্বর ২০২৪, ১০:৩০", "2024-12-05T10:30"),
    "Bengali, afternoon before the time": ("bn", "০৫ ডিসেম্বর ২০২৪, বিকেল ৪:৩০", "2024-12-05T16:30"),
    "Thai, Buddhist year": ("th", "5 ธันวาคม 2567", "2024-12-05"),
    "Turkish": ("tr", "Tarih: 08 Mayıs 2019 - 17:14", "2019-05-08T17:14"),
    "Turkish capitals": ("tr", "8 KASIM 2019", "2019-11-08"),
    "Indonesian": ("id", "Selasa, 23 Februari 2016 | 14.38 WIB", "2016-02-23T14:38+07:00"),
    "Indonesian apostrophe": ("id", "Jum'at, 5 Agustus 2022", "2022-08-05"),
    "Vietnamese month by number": ("vi", "5 tháng 12 năm 2024", "2024-12-05"),
    "German": ("de", "Veröffentlicht am 27.04.24 um 07:39 Uhr", "2024-04-27T07:39"),
    "German hour with a dot": ("de", "5. März 2021, 15.48 Uhr", "2021-03-05T15:48"),
    "French": ("fr", "Publié le 1er août 2023 à 14h05", "2023-08-01T14:05"),
    "Spanish, afternoon in words": ("es", "4 de mayo de 2022, 5:30 de la tarde", "2022-05-04T17:30"),
    "Spanish": ("es", "miércoles, 4 de mayo de 2022 18:30 hs", "2022-05-04T18:30"),
    "Portuguese": ("pt", "quinta-feira, 21/05/2020 14h45", "2020-05-21T14:45"),
    "Italian": ("it", "Martedì 4 Febbraio 2025 - ore 14.41", "2025-02-04T14:41"),
    "Catalan elision": ("ca", "11 d’agost de 2021", "2021-08-11"),
    "Russian": ("ru", "9:48, 31 марта 2013", "2013-03-31T09:48"),
    "Russian, two figures for the year": ("ru", "17.01.12 18:24", "2012-01-17T18:24"),
    "Ukrainian": ("uk", "5 листопада 2021, 10:00", "2021-11-05T10:00"),
    "Polish": ("pl", "środa, 10 kwietnia 2013 r.", "2013-04-10"),
    "Polish month that is another in Croatian": ("pl", "5 listopada 2020", "2020-11-05"),
    "Croatian month that is another in Polish": ("hr", "5. listopada 2020.", "2020-10-05"),
    "Hungarian, year first": ("hu", "2024. december 5., 10:30", "2024-12-05T10:30"),
    "Finnish": ("fi", "to 5. 12. 2024 klo 10.30", "2024-12-05T10:30"),
    "Norwegian": ("no", "Publisert: 05.08.24 kl. 14.47", "2024-08-05T14:47"),
    "Greek": ("el", "Κυριακή 5 Μαΐου 2024", "2024-05-05"),
    "Chinese signs": ("zh", "2012年6月4日", "2012-06-04"),
    "Chinese, all run together": ("zh", "发布时间：2012年01月17日星期二下午3:20", "2012-01-17T15:20"),
    "Chinese, night": ("zh", "2012年1月17日 晚上8:30", "2012-01-17T20:30"),
    "Chinese, figures": ("zh", "2012-06-04 09:20:26 来源：", "2012-06-04T09:20:26"),
    "Japanese": ("ja", "2025年1月13日 20時01分", "2025-01-13T20:01"),
    "Korean": ("ko", "입력 2024. 12. 5. 오후 3:30", "2024-12-05T15:30"),
    "Korean signs": ("ko", "2024년 12월 5일 목요일", "2024-12-05"),
    "the weekday tells which century month it is not": (None, "czwartek 5 listopada 2020", "2020-11-05"),
}  # fmt: skip

RAW = {
    "either order": (None, "03/04/2020", "ambiguous-date"),
    "either order, English": ("en", "03.04.2020", "ambiguous-date"),
    "either order, German page of foreign software": ("de", "06/01/2026 - 14:02", "ambiguous-date"),
    "Arabic page that prints English AM": ("ar", "8/10/2022 9:55 AM", "ambiguous-date"),
    "two figures for the year": ("en", "05/12/10", "ambiguous-date"),
    "Jalali or not, two figures": ("fa", "99/12/25", "ambiguous-date"),
    "a month of two languages": (None, "5 listopada 2020", "ambiguous-date"),
    "Hijri alone": ("ar", "25 شوال 1436 هـ", "ambiguous-date"),
    "Hijri in figures": ("ar", "١٤٤٢/٠٥/١٠", "ambiguous-date"),
    "Jalali or Hijri": ("ar", "١٤٠٣/٠٩/١٥", "ambiguous-date"),
    "the weekday is another, in figures": ("pt", "quarta-feira, 21/05/2020 14h45", "contradictory-date"),
    "Sorani, a letter run onto the day": ("ckb", "٥ی کانوونی دووەم ٢٠٢٤", "unreadable-date"),
    "the weekday is another": ("fr", "dimanche 5 décembre 2024", "contradictory-date"),
    "the calendars disagree": ("fa", "۱۵ آذر ۱۴۰۳ - 2024 December 07", "contradictory-date"),
    "Hijri a month off": ("ar", "25 شوال 1436 هـ - 10 سبتمبر 2015 م", "contradictory-date"),
    "a range of days": ("de", "21.10.2019 – 27.10.2019", "contradictory-date"),
    "two months of one day": ("ar", "6 حزيران/يوليو 2023", "unreadable-date"),
    "no such day": (None, "31/02/2020", "unreadable-date"),
    "no such month": (None, "2020-13-05", "unreadable-date"),
    "no leap day": ("fa", "۳۰ اسفند ۱۴۰۴", "unreadable-date"),
    "no such century": (None, "5 May 1388", "unreadable-date"),
    "no year": ("ar", "20 آب 16:41", "unreadable-date"),
    "no day": ("en", "October 2012 (4)", "unreadable-date"),
    "no day in Chinese": ("zh", "2006年09月(3)", "unreadable-date"),
    "a tight range of days": ("en", "5-8 December 2024", "unreadable-date"),
    "time alone": ("ar", "// انتهى // 08:39 ت م", "unreadable-date"),
    "hours ago": ("ar", "منذ 5 ساعات", "relative-date"),
    "hours ago, English": ("en", "2 hours ago", "relative-date"),
    "hours ago, language not known": (None, "An hour ago", "relative-date"),
    "today": ("ar", "اليوم 06:42", "relative-date"),
    "hours ago, French": ("fr", "il y a 5 heures", "relative-date"),
    "hours ago, German": ("de", "vor 3 Stunden", "relative-date"),
    "hours ago, Persian": ("fa", "۲ ساعت پیش", "relative-date"),
    "hours ago, Japanese": ("ja", "5時間前", "relative-date"),
    "hours ago, Korean": ("ko", "3시간 전", "relative-date"),
    "hours ago, Chinese": ("zh", "3小时前", "relative-date"),
    "hours ago, Spanish": ("es", "Hace 2 horas", "relative-date"),
    "hours ago, Russian": ("ru", "2 часа назад", "relative-date"),
    "no date at all": ("en", "Print edition", "unreadable-date"),
    "yesterday": ("en", "Yesterday at 10:30", "relative-date"),
    "year run into the time": ("de", "29.09.1911:34", "unreadable-date"),
    "dates run together": ("ar", "ADMIN2024-07-132024-07-15", "unreadable-date"),
    "years": ("en", "© 2014-2019 Harbour Press", "unreadable-date"),
    "months of a year": ("en", "1-12/2015", "unreadable-date"),
    "telephone": ("ko", "02-2000-2114", "unreadable-date"),
    "version": ("en", "1.20.4", "unreadable-date"),
    "a fixture of two years": ("en", "2007/08 fixtures", "unreadable-date"),
    "code": ("fa", "کد خبر: ۷۷۱۲۰۳", "unreadable-date"),
    "reporter's numbers": (None, "9903/6185/", "unreadable-date"),
    "money": ("id", "Rp 10.000.000", "unreadable-date"),
    "empty": (None, "", "unreadable-date"),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_reads(case: str) -> None:
    language, text, expected = READ[case]
    line = read_date_line(text, language)
    assert (line.published.iso if line.published else line.flag) == expected
    assert parse_date(text, language) == line.published


@pytest.mark.parametrize("case", RAW)
def test_stays_raw(case: str) -> None:
    language, text, flag = RAW[case]
    line = read_date_line(text, language)
    assert (line.published, line.updated, line.flag) == (None, None, flag)
    assert parse_date(text, language) is None
    assert read_fields([("date", text, text)], language) == {"published_raw": text, "flags": [flag]}


@pytest.mark.parametrize(
    ("language", "text", "published", "updated", "labelled"),
    [
        ("ar", "17:27 17.03.2020(محدثة 17:49 18.03.2020)", "2020-03-17T17:27", "2020-03-18T17:49", False),
        ("tr", "30.11.2020 18:14 | Son Güncelleme: 01.12.2020 18:20", "2020-11-30T18:14", "2020-12-01T18:20", False),
        ("en", "Updated 3:27 am PST, Wednesday, November 20, 2019", None, "2019-11-20T03:27-08:00", False),
        ("en", "Updated May 4, 2021. Published May 3, 2021", "2021-05-03", "2021-05-04", True),
        ("en", "Last updated 04 Jun 2020, originally created 17 Jun 2019", "2019-06-17", "2020-06-04", True),
        ("en", "August 30, 2023 1:55 am (Updated 4:30 am)", "2023-08-30T01:55", None, False),
        ("ja", "2019年04月21日 12時00分更新", None, "2019-04-21T12:00", False),
        ("fa", "به روز شده در: ۱۷ دی ۱۴۰۴ - ۰۰:۴۸", None, "2026-01-07T00:48", False),
        ("fa", "آخرین به‌روزرسانی ۱۷ دی ۱۴۰۴", None, "2026-01-07", False),
        ("de", "Aktualisiert am 07.01.2026 - 18:50 Uhr", None, "2026-01-07T18:50", False),
        ("es", "15 oct 2024 - 08:22Actualizado: 15 oct 2024 - 17:38", "2024-10-15T08:22", "2024-10-15T17:38", False),
        ("ar", "تاريخ النشر: 05 يونيو 2020", "2020-06-05", None, True),
    ],
)  # fmt: skip
def test_updated_apart_from_published(
    language: str, text: str, published: str | None, updated: str | None, labelled: bool
) -> None:
    line = read_date_line(text, language)
    assert (line.published and line.published.iso, line.updated and line.updated.iso) == (published, updated)
    assert line.labelled is labelled
    assert line.flag is None


def test_written_calendar() -> None:
    assert parse_date("۱۵ آذر ۱۴۰۳ - 2024 December 05") == ("2024-12-05", "jalali", "1403-09-15")
    assert parse_date("الاثنين 25 شوال 1436 هـ", "ar") == ("2015-08-10", "hijri", "1436-10-25")
    assert parse_date("5 ธันวาคม 2567", "th") == ("2024-12-05", "gregorian", "2024-12-05")


def test_two_times_on_a_line_leave_the_time_open() -> None:
    date_only = parse_date("2025-02-05 23:55 | 2025-02-05 07:25")
    assert date_only is not None and date_only.iso == "2025-02-05"


def test_the_language_may_be_unknown_or_unheard_of() -> None:
    assert parse_date("5 December 2024", "") == parse_date("5 December 2024", "xx") == parse_date("5 December 2024")


# Calendars: 1 Farvardin of these years is known, and the calendar has no gaps, so every day between is right.
NEW_YEARS = {1300: "1921-03-21", 1375: "1996-03-20", 1400: "2021-03-21", 1404: "2025-03-21"}


def jalali_days(first: int, last: int) -> list[tuple[int, tuple[int, int, int]]]:
    ways = [(year, month, day) for year in range(first, last + 1) for month in range(1, 13) for day in range(1, 32)]
    return [(number, way) for way in ways for number in days_of("jalali", *way)]


def test_jalali_calendar_has_no_gaps() -> None:
    numbers = [number for number, _ in jalali_days(1300, 1500)]
    assert all(later - earlier == 1 for earlier, later in pairwise(numbers))


@pytest.mark.parametrize(("year", "day"), NEW_YEARS.items())
def test_jalali_new_year(year: int, day: str) -> None:
    assert days_of("jalali", year, 1, 1) == (date.fromisoformat(day).toordinal(),)


@pytest.mark.parametrize(
    ("hijri", "announced"),  # days that Saudi Arabia announced
    [((1436, 10, 1), "2015-07-17"), ((1441, 9, 1), "2020-04-24"), ((1446, 9, 1), "2025-03-01")],
)
def test_hijri_days_hold_the_announced_one(hijri: tuple[int, int, int], announced: str) -> None:
    assert date.fromisoformat(announced).toordinal() in days_of("hijri", *hijri)


JALALI_DAYS = jalali_days(1300, 1499)
ASCII, ARABIC, PERSIAN, DEVANAGARI, BENGALI = "0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯"
GREGORIAN = sorted(language for language, calendar in names.MONTHS if calendar == "gregorian")


def named(language: str, calendar: Calendar, month: int, spelling: int) -> str:
    spellings = names.MONTHS[language, calendar].split("|")[month - 1].split(",")
    return spellings[spelling % len(spellings)]


@given(st.sampled_from(JALALI_DAYS), st.sampled_from(["fa", "prs"]), st.sampled_from([ASCII, ARABIC, PERSIAN]))
def test_jalali_round_trip(day: tuple[int, tuple[int, int, int]], months: str, figures: str) -> None:
    number, (year, month, of_month) = day
    for text in (f"{of_month} {named(months, 'jalali', month, 0)} {year}", f"{year}/{month:02d}/{of_month:02d}"):
        read = parse_date(text.translate(str.maketrans(ASCII, figures)), "fa")
        assert read is not None
        assert read == (date.fromordinal(number).isoformat(), "jalali", f"{year}-{month:02d}-{of_month:02d}")


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.times(),
    st.sampled_from(GREGORIAN),
    st.integers(0, 5),
    st.sampled_from([ASCII, ARABIC, PERSIAN, DEVANAGARI, BENGALI]),
)
def test_gregorian_round_trip(day: date, time: object, language: str, spelling: int, figures: str) -> None:
    month = named(language, "gregorian", day.month, spelling)
    clock = f"{time:%H:%M}"
    weekday = names.WEEKDAYS[language].split("|")[day.weekday()].split(",")[0] if language in names.WEEKDAYS else ""
    for text in (
        f"{day.day} {month} {day.year} - {clock}",
        f"{weekday}، {clock} {month} {day.day:02d}, {day.year}",
        f"{weekday} | {day.year} {month} {day.day} | {clock}",
        f"{day:%Y-%m-%d} {clock}",
    ):
        read = parse_date(text.translate(str.maketrans(ASCII, figures)), language)
        assert read is not None, text
        assert read.iso == f"{day.isoformat()}T{clock}", text


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(names.WEEKDAYS)), st.integers(1, 6))
def test_a_weekday_never_agrees_with_another_day(day: date, language: str, off: int) -> None:
    weekdays = [spellings.split(",")[0] for spellings in names.WEEKDAYS[language].split("|")]
    right, wrong = (weekdays[(day + timedelta(by)).weekday()] for by in (0, off))
    assert read_date_line(f"{right} {day.isoformat()}", language).flag is None
    assert read_date_line(f"{wrong} {day.isoformat()}", language).flag == "contradictory-date"


@given(
    st.text(alphabet="0123456789٠١٢۱۲/.-: ,年月日MayمصGT+|", max_size=40),
    st.sampled_from([None, "ar", "en", "fa", "zh"]),
)
def test_any_line_is_read_or_flagged(text: str, language: str | None) -> None:
    line = read_date_line(text, language)
    assert (line.flag is None) == bool(line.published or line.updated)
    for read in (line.published, line.updated):
        if read:
            assert read.iso.startswith(date.fromisoformat(read.iso[:10]).isoformat())


def test_no_name_of_two_words_begins_with_a_filler() -> None:
    """The first word of such a name must leave a letter, which the second then replaces."""
    for table in [*names.MONTHS.values(), *names.WEEKDAYS.values(), names.PUBLISHED, names.UPDATED]:
        for name in table.replace("|", ",").split(","):
            assert len(shape_of(name, None)[0]) == 1, name


def test_dates_of_several_lines() -> None:
    today, story = "الخميس 5 ديسمبر 2024", "تاريخ النشر: 3 ديسمبر 2024"
    assert read_fields([("date", today, today), ("date", story, story)], "ar") == {
        "published": "2024-12-03", "published_raw": story,
    }  # fmt: skip
    other = "3 ديسمبر 2024"
    assert read_fields([("date", today, today), ("date", other, other)], "ar") == {
        "published_raw": today, "flags": ["ambiguous-date"],
    }  # fmt: skip
    timed = "3 ديسمبر 2024 - 10:15"
    assert read_fields([("date", other, other), ("date", timed, timed)], "ar") == {
        "published": "2024-12-03T10:15", "published_raw": timed,
    }  # fmt: skip
    ago = "منذ 5 أيام"
    assert read_fields([("date", ago, ago), ("date", other, other)], "ar") == {
        "published": "2024-12-03", "published_raw": other,
    }  # fmt: skip


def test_a_date_left_open_says_more_than_hours_ago() -> None:
    ago, other = "5 hours ago", "03/04/2020"
    assert read_fields([("date", ago, ago), ("date", other, other)]) == {"published_raw": other, "flags": ["ambiguous-date"]}
    assert read_fields([("date", "Print", "Print"), ("date", ago, ago)]) == {"published_raw": ago, "flags": ["relative-date"]}


PROSE = "The council voted on Monday to close the old fish market before the year is out, officials said."


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Old market to close\n{PROSE}", "Old market to close"),
        (f"Will the market close?\n\n{PROSE}", "Will the market close?"),
        (f"旧市场将关闭\n{'市议会周一投票决定在年底前关闭旧鱼市场。' * 4}", "旧市场将关闭"),
        (f"Old market to close\nTraders not asked\n{PROSE}", None),  # either may be it
        (f"{PROSE}\n{PROSE}", None),
        (f"The council said this:\n{PROSE}", None),
        (f"Market\n{PROSE}", None),
        ("Old market to close", None),
        ("", None),
    ],
)
def test_the_headline_is_the_first_line_if_it_can_be_no_other(text: str, title: str | None) -> None:
    assert read_title(text) == title


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ("Home › World › Asia", "World › Asia"),
        ("الرئيسية > اقتصاد", "اقتصاد"),
        ("گروه : بندر » صید", "بندر › صید"),
        ("اقتصادي :: بازار ماهي", "اقتصادي › بازار ماهي"),
        ("Section: Harbour", "Harbour"),
        (f"Home › Harbour › {PROSE}", "Harbour"),
        ("Home", None),
        ("› 12", None),
    ],
)
def test_the_section_of_a_path(line: str, section: str | None) -> None:
    assert read_fields([("section", line, line)]).get("section") == section


def test_title_and_section_of_a_cleaned_document() -> None:
    text = f"صفحه اصلی » اجتماعی\nبازار ماهی بسته می‌شود\n{'شورای شهر روز دوشنبه رأی داد که بازار ماهی تا پایان سال بسته شود و فروشندگان خبر نداشتند. ' * 2}"
    fields = clean(Document(text, language="fa")).fields
    assert fields == {"title": "بازار ماهی بسته می‌شود", "section": "اجتماعی"}
    assert clean(Document(text, language="fa", title="بازار")).fields == {"section": "اجتماعی"}  # the record tells it


def test_a_dateline_dates_only_what_nothing_else_does() -> None:
    dateline = "المرفأ 25 شوال 1436 هـ الموافق 10 اغسطس 2015 م"
    assert read_fields([("dateline", dateline, dateline)], "ar") == {
        "published": "2015-08-10", "published_raw": dateline, "published_hijri": "1436-10-25",
    }  # fmt: skip
    assert read_fields([("dateline", "HARBOUR (HP) -", "HARBOUR (HP) -")], "en") == {}
    line = "11 أغسطس 2015"
    assert read_fields([("dateline", dateline, dateline), ("date", line, line)], "ar")["published"] == "2015-08-11"


def test_updated_alone_needs_no_flag() -> None:
    text = "Updated: 5 May 2021"
    assert read_fields([("date", text, text)], "en") == {"updated": "2021-05-05", "updated_raw": text}


@pytest.mark.parametrize(
    ("text", "flag"),
    [("Updated 5 minutes ago", "relative-date"), ("Last updated: 03/04/2020", "ambiguous-date"), ("Last updated on Monday", "unreadable-date")],
)  # fmt: skip
def test_an_update_that_cannot_be_read_stays_raw(text: str, flag: str) -> None:
    dated = "Published: 5 May 2021"
    raw = {"updated_raw": text, "flags": [flag]}
    assert read_fields([("date", text, text)], None if "/" in text else "en") == raw
    both = {"published": "2021-05-05", "published_raw": dated, **raw}
    assert read_fields([("date", text, text), ("date", dated, dated)], None if "/" in text else "en") == both


def test_one_line_may_tell_a_date_and_leave_the_update_raw() -> None:
    text = "Published 5 May 2021, updated 2 hours ago"
    assert read_fields([("date", text, text)], "en") == {"published": "2021-05-05", "published_raw": text, "updated_raw": text}


def test_a_line_without_an_update_has_no_raw_update() -> None:
    text = "Published 5 May 2021"
    assert read_fields([("date", text, text)], "en") == {"published": "2021-05-05", "published_raw": text}


@pytest.mark.parametrize(
    ("text", "value", "sources"),
    [
        ("Source: HP", "HP", ["HP"]),
        ("Source: HP", "Source: HP", ["HP"]),
        ("المصدر:HP", "HP", ["HP"]),
        ("المصدر: صحيفة الميناء + وكالات", "صحيفة الميناء + وكالات", ["صحيفة الميناء", "وكالات"]),
        ("Source: Harbour Press, Velmora Post", "Harbour Press, Velmora Post", ["Harbour Press", "Velmora Post"]),
        ("--(المرفأ)", "--(المرفأ)", ["المرفأ"]),
        (".مرفأ", ".مرفأ", ["مرفأ"]),
        ("//مرفأ//", "//مرفأ//", ["مرفأ"]),
        ("(م ر ف)", "(م ر ف)", ["م ر ف"]),
        (" / باشگاه دریانوردان", " / باشگاه دریانوردان", ["باشگاه دریانوردان"]),
        ("به گزارش بندر نیوز،", "به گزارش بندر نیوز،", ["بندر نیوز"]),
        ("به گزارش بندر نیوز به نقل از ساحل،", "بندر نیوز به نقل از ساحل،", ["بندر نیوز", "ساحل"]),
        ("المصدر: المرفأ (HP)", "المرفأ (HP)", ["المرفأ (HP)"]),
        ("Source: https://example.org/a/b", "https://example.org/a/b", ["https://example.org/a/b"]),
        ("المصدر :", "", []),
        ("Source: 12", "12", []),
        ("Some information for this long report was provided by the harbour office.",) * 2 + ([],),
    ],
)  # fmt: skip
def test_sources(text: str, value: str, sources: list[str]) -> None:
    assert read_fields([("source", text, value)]).get("sources", []) == sources


def test_sources_keep_order_and_spelling_once_each() -> None:
    removed = [("source", "Source:HP", "HP"), ("source", "Source: HP Arabic", "HP Arabic"), ("source", "(HP)", "(HP)")]
    assert read_fields(removed) == {"sources": ["HP", "HP Arabic"]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["export, import, harbour,"], {"tags": ["export", "import", "harbour"]}),
        (["قاچاق کالا ، بندر"], {"tags": ["قاچاق کالا", "بندر"]}),
        (["#haji #mekkah"], {"tags": ["haji", "mekkah"]}),
        (["#harbour_storm"], {"tags": ["harbour_storm"]}),
        (["storm"], {"tags": ["storm"]}),
        (["", "حرب السواحل", "الميناء القديم", "الميناء القديم"], {"tags": ["حرب السواحل", "الميناء القديم"]}),
        ([": ميناء السفن الكبير"], {"tags_raw": "ميناء السفن الكبير", "flags": ["unseparated-tags"]}),
        (["حرب الكبيرالسفن"], {"tags_raw": "حرب الكبيرالسفن", "flags": ["unseparated-tags"]}),
        ([""], {}),
    ],
)  # fmt: skip
def test_tags(values: list[str], expected: dict[str, object]) -> None:
    assert read_fields([("tags", f"Tags {value}", value) for value in values]) == expected


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("کد خبر: ۷۷۱۲۰۳", ": ۷۷۱۲۰۳", "771203"),
        ("News ID 5512034", "5512034", "5512034"),
        ("کد ۷۷۱۲۰۳", "کد ۷۷۱۲۰۳", "771203"),
        ("ID: HP-2024/17", "HP-2024/17", "HP-2024/17"),
        ("کد خبرنگار: 30102", "30102", None),
        ("217217", "217217", None),
        ("۷۲۶۵ /۶۰۶۰", "۷۲۶۵ /۶۰۶۰", None),
        ("کد مطلب :", "", None),
    ],
)
def test_article_id(text: str, value: str, code: str | None) -> None:
    assert read_fields([("id", text, value)]).get("article_id") == code


def test_byline() -> None:
    dated = "By Ada Kern, Harbour Press | March 3, 2024"
    assert read_fields([("byline", dated, dated)], "en") == {
        "published": "2024-03-03", "published_raw": dated, "byline": "Ada Kern, Harbour Press",
    }  # fmt: skip
    assert read_fields([("byline", "@kern28", "@kern28")]) == {"byline": "@kern28"}
    assert read_fields([("byline", "By Ada Kern", "By Ada Kern")]) == {"byline": "Ada Kern"}
    assert read_fields([("byline", "نویسنده: کیوان ساحلی", " کیوان ساحلی"), ("byline", "Editor: M", "M")]) == {
        "byline": "کیوان ساحلی"
    }


def test_other_classes_tell_nothing() -> None:
    assert read_fields([("share", "Share 5 May 2021", "5 May 2021"), ("related", "x", "x")]) == {}
    assert read_fields([]) == {}
