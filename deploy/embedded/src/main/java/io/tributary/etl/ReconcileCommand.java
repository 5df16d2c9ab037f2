package io.tributary.etl;

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
        Reconciliation result = api.reconciliation(runId, deep);
        print(result.json(), Report.reconciliation(result));
        return result.equal() ? ExitCode.OK : ExitCode.DIFFERS;
    }
}
