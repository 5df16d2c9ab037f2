package io.tributary.etl;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time span as people write it, {@code 90s}, {@code 10m}, {@code 1h}, {@code 1d}, or as ISO-8601 does, {@code PT10M}. */
final class Span implements ITypeConverter<Duration> {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,6})([smhd])");

    @Override
    public Duration convert(String value) {
        Matcher span = SHORT.matcher(value);
        if (span.matches()) {
            long many = Long.parseLong(span.group(1));
            return switch (span.group(2)) {
                case "s" -> Duration.ofSeconds(many);
                case "m" -> Duration.ofMinutes(many);
                case "h" -> Duration.ofHours(many);
                default -> Duration.ofDays(many);
            };
        }
        try {
            return Duration.parse(value.toUpperCase(Locale.ROOT));
        } catch (DateTimeParseException e) {
            throw new TypeConversionException(
                    "'" + Text.printable(value) + "', expected a time span such as 10m, 1h or PT1H");
        }
    }
}
