package io.tributary.randomuser;

import com.fasterxml.jackson.core.io.SerializedString;

/** What is the same in every nationality: titles, time zones and the parts of user names and passwords. */
final class Words {
    record Timezone(SerializedString offset, SerializedString description) {
        private static Timezone of(String offset, String description) {
            return new Timezone(Pool.encoded(offset), Pool.encoded(description));
        }
    }

    static final SerializedString MR = Pool.encoded("Mr");
    static final SerializedString[] FEMALE_TITLES = {Pool.encoded("Miss"), Pool.encoded("Mrs"), Pool.encoded("Ms")};

    static final Timezone[] TIMEZONES = {
        Timezone.of("-12:00", "Eniwetok, Kwajalein"),
        Timezone.of("-11:00", "Midway Island, Samoa"),
        Timezone.of("-10:00", "Hawaii"),
        Timezone.of("-9:00", "Alaska"),
        Timezone.of("-8:00", "Pacific Time (US & Canada)"),
        Timezone.of("-7:00", "Mountain Time (US & Canada)"),
        Timezone.of("-6:00", "Central Time (US & Canada), Mexico City"),
        Timezone.of("-5:00", "Eastern Time (US & Canada), Bogota, Lima"),
        Timezone.of("-4:00", "Atlantic Time (Canada), Caracas, La Paz"),
        Timezone.of("-3:30", "Newfoundland"),
        Timezone.of("-3:00", "Brazil, Buenos Aires, Georgetown"),
        Timezone.of("-2:00", "Mid-Atlantic"),
        Timezone.of("-1:00", "Azores, Cape Verde Islands"),
        Timezone.of("0:00", "Western Europe Time, London, Lisbon, Casablanca"),
        Timezone.of("+1:00", "Brussels, Copenhagen, Madrid, Paris"),
        Timezone.of("+2:00", "Kaliningrad, South Africa"),
        Timezone.of("+3:00", "Baghdad, Riyadh, Moscow, St. Petersburg"),
        Timezone.of("+3:30", "Tehran"),
        Timezone.of("+4:00", "Abu Dhabi, Muscat, Baku, Tbilisi"),
        Timezone.of("+4:30", "Kabul"),
        Timezone.of("+5:00", "Ekaterinburg, Islamabad, Karachi, Tashkent"),
        Timezone.of("+5:30", "Bombay, Calcutta, Madras, New Delhi"),
        Timezone.of("+5:45", "Kathmandu"),
        Timezone.of("+6:00", "Almaty, Dhaka, Colombo"),
        Timezone.of("+7:00", "Bangkok, Hanoi, Jakarta"),
        Timezone.of("+8:00", "Beijing, Perth, Singapore, Hong Kong"),
        Timezone.of("+9:00", "Tokyo, Seoul, Osaka, Sapporo, Yakutsk"),
        Timezone.of("+9:30", "Adelaide, Darwin"),
        Timezone.of("+10:00", "Eastern Australia, Guam, Vladivostok"),
        Timezone.of("+11:00", "Magadan, Solomon Islands, New Caledonia"),
        Timezone.of("+12:00", "Auckland, Wellington, Fiji, Kamchatka"),
    };

    static final String[] ADJECTIVES = words("angry beautiful big black blue brown crazy golden green happy heavy lazy "
            + "little orange organic purple red sad silver small ticklish tiny white yellow brave calm");
    static final String[] ANIMALS = words(
            "bear bird butterfly cat dog duck elephant fish frog goose gorilla kangaroo koala "
                    + "ladybug leopard lion meercat mouse ostrich otter panda peacock rabbit snake swan tiger wolf zebra");
    static final String[] PASSWORDS = words("amber apollo autumn bamboo banana baxter beacon biscuit blizzard bonnie "
            + "camaro canyon captain cascade casper cherry cobra compass copper coyote crystal dakota daytona dexter "
            + "dolphin dragon eclipse ember falcon fender fortune galaxy gemini ginger granite griffin hammer harley "
            + "hendrix horizon hunter indigo jackpot jasmine jupiter katana kingdom lantern legend liberty maverick "
            + "meadow mercury midnight mustang neptune nirvana october olympus orchid panther pepper phoenix pirate "
            + "planet quartz ranger raptor rebecca rocket saffron samurai saturn scooter shadow sierra spider stella "
            + "summer sunset tempest thunder titanium trooper tundra valley velvet viking voyager walnut willow winter "
            + "wizard zephyr zodiac");

    private Words() {}

    private static String[] words(String blankSeparated) {
        return blankSeparated.split(" ", -1);
    }
}
