package io.tributary.etl;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jline.utils.AttributedString;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "reconcile",
        description = {
            "Compare the four stores for a run, each by a digest computed anew from what it holds, and name store, page and"
                    + " position where they differ.",
            ""
        },
        sortOptions = false)
final class ReconcileCommand extends OneRunCommand {
    @Option(names = "--deep", description = "Also read every user back from Cassandra; takes minutes for millions.")
    private boolean deep;

    ReconcileCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute(ControlApi api, String runId) {
        Reconciliation result = compared(api, runId);
        print(result.json(), Report.reconciliation(result));
        return result.equal() ? ExitCode.OK : ExitCode.DIFFERS;
    }

    /** Says meanwhile how long it takes: with a million users that is minutes. */
    private Reconciliation compared(ControlApi api, String runId) {
        long begunNs = around.nanos().getAsLong();
        try (Console console = around.console().get()) {
            console.show(Optional.of((columns, fancy) -> {
                Duration passed = Duration.ofNanos(around.nanos().getAsLong() - begunNs);
                return List.of(new AttributedString("comparing the stores for " + passed.toSeconds() + " s"));
            }));
            try {
                return api.reconciliation(runId, deep);
            } finally {
                console.show(Optional.empty());
            }
        }
    }
}
