package io.tributary.randomuser;

import java.time.LocalDate;

/**
 * A UTC instant taken apart, because formatting two dates a user with java.time took longer than the rest of the user.
 *
 * @param millisOfDay 0 to 86,399,999
 */
record Moment(int year, int month, int day, int millisOfDay) {
    private static final int DAY_MILLIS = 86_400_000;

    /** @param epochMillis may be negative: dates of birth reach back to 1944 */
    static Moment of(long epochMillis) {
        long epochDay = Math.floorDiv(epochMillis, DAY_MILLIS);
        // Days to a civil date by H. Hinnant's algorithm: eras of 400 years that begin in March.
        long z = epochDay + 719_468;
        long era = Math.floorDiv(z, 146_097L);
        int dayOfEra = (int) (z - era * 146_097);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int shifted = (5 * dayOfYear + 2) / 153;
        int month = shifted < 10 ? shifted + 3 : shifted - 9;
        int year = (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
        return new Moment(year, month, dayOfYear - (153 * shifted + 2) / 5 + 1, (int)
                Math.floorMod(epochMillis, (long) DAY_MILLIS));
    }

    /** Full years from here to {@code today}, as dayjs counts them: negative before. */
    int yearsUntil(LocalDate today) {
        boolean reached =
                today.getMonthValue() > month || (today.getMonthValue() == month && today.getDayOfMonth() >= day);
        return today.getYear() - year - (reached ? 0 : 1);
    }

    /** As JavaScript's toISOString: {@code 2000-10-19T09:20:17.142Z}. */
    void iso(Ascii to) {
        int seconds = millisOfDay / 1000;
        int millis = millisOfDay % 1000;
        to.fourDigits(year).add('-').twoDigits(month).add('-').twoDigits(day).add('T');
        to.twoDigits(seconds / 3600)
                .add(':')
                .twoDigits(seconds / 60 % 60)
                .add(':')
                .twoDigits(seconds % 60);
        to.add('.').add((char) ('0' + millis / 100)).twoDigits(millis % 100).add('Z');
    }
}
