package io.tributary.etl;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which users a run asks for: what {@code up}, {@code run} and {@code plan} have in common. */
final class RunOptions {
    private static final Pattern NATIONALITY = Pattern.compile("[A-Za-z]{2}");
    private static final int MAX_PAGE_SIZE = 5_000;

    @Option(names = "--users", paramLabel = "N", description = "Users of the run (default: ${DEFAULT-VALUE}).")
    private long users = 10_000;

    @Option(
            names = "--page-size",
            paramLabel = "N",
            description = "Users of one source request, 1 to 5000 (default: ${DEFAULT-VALUE}).")
    private int pageSize = 1_000;

    @Option(
            names = "--nat",
            split = ",",
            paramLabel = "CC",
            description = "Nationalities, such as us,gb (default: all).")
    private List<String> nat = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "S", description = "Seed of the source (default: one of the run's own).")
    private Optional<String> seed = Optional.empty();

    @Option(names = "--gender", paramLabel = "G", description = "female or male (default: both).")
    private Optional<RunOrder.Gender> gender = Optional.empty();

    /** The order for the window given, or the five minutes that begin with the current minute. */
    RunOrder order(WindowOptions window, Instant now) {
        if (users < 1) {
            throw EtlFailure.usage("--users=" + users + ", expected 1 or more users");
        }
        if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
            throw EtlFailure.usage("--page-size=" + pageSize + ", expected 1.." + MAX_PAGE_SIZE + " users");
        }
        List<String> nationalities = new ArrayList<>();
        for (String one : nat) {
            if (!NATIONALITY.matcher(one).matches()) {
                throw EtlFailure.usage("--nat: '" + Text.printable(one) + "', expected two letters such as us,gb");
            }
            nationalities.add(one.toUpperCase(Locale.ROOT));
        }
        return RunOrder.of(
                window.start(), window.end(), now, users, pageSize, seed, nationalities, gender, window.maxRunTime());
    }
}
