package io.tributary.randomuser;

import io.tributary.schemas.BadConfig;
import io.tributary.schemas.Settings;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The stand-in as a program. Environment: {@code RANDOMUSER_HOST} (127.0.0.1), {@code RANDOMUSER_PORT} (0, any free one),
 * {@code RANDOMUSER_QUOTA} (20000 users, 0 = off), {@code RANDOMUSER_QUOTA_WINDOW} (5m), {@code RANDOMUSER_TODAY} (yyyy-MM-dd,
 * the clock's), {@code RANDOMUSER_PREPARED_MIB} (0, MiB of bodies kept for benchmarks).
 *
 * <p>One line on standard output once it listens. Exit 2 for a setting that can not be used, 1 when the address is taken;
 * runs until SIGTERM or SIGINT.
 */
public final class RandomUserMain {
    private static final String PREFIX = "RANDOMUSER_";
    private static final int MOST_PREPARED_MIB = 16_384;

    private RandomUserMain() {}

    public static void main(String[] args) throws InterruptedException {
        RandomUserOptions options;
        try {
            options = options(System.getenv());
        } catch (BadConfig e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        RandomUserServer server;
        try {
            server = RandomUserServer.start(options);
        } catch (IllegalStateException e) {
            System.err.println("can not listen on " + options.host() + ":" + options.port() + ": " + e.getMessage());
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "randomuser-close"));
        System.out.println("randomuser stand-in listening on " + server.apiUri());
        new CountDownLatch(1).await(); // until a signal runs the hook
    }

    /** @throws BadConfig naming the key */
    static RandomUserOptions options(Map<String, String> environment) {
        Settings settings = Settings.read(PREFIX, environment);
        RandomUserOptions options = RandomUserOptions.defaults()
                .withAddress(settings.text(PREFIX + "HOST", "127.0.0.1"), settings.port(PREFIX + "PORT", 0))
                .withQuota(
                        settings.whole(
                                PREFIX + "QUOTA", RandomUserOptions.SOURCE_QUOTA, 0, 1_000_000_000, "users (0 = off)"),
                        settings.duration(
                                PREFIX + "QUOTA_WINDOW",
                                RandomUserOptions.SOURCE_QUOTA_WINDOW,
                                Duration.ofMillis(1),
                                Duration.ofDays(1)))
                .withPreparedBytes(
                        (long) settings.whole(PREFIX + "PREPARED_MIB", 0, 0, MOST_PREPARED_MIB, "MiB") << 20);
        String today = settings.text(PREFIX + "TODAY", "");
        settings.refuseUnknown();
        return today.isEmpty() ? options : options.withToday(date(today));
    }

    private static LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            throw BadConfig.of(PREFIX + "TODAY", "a date such as 2026-01-31");
        }
    }
}
