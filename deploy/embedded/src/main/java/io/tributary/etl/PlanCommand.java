package io.tributary.etl;

import picocli.CommandLine;
import picocli.CommandLine.Mixin;

@CommandLine.Command(
        name = "plan",
        description = {
            "Try what a run would be, and write nothing of it.",
            "",
            "Plans the pages, fetches the first one from the source, whose quota counts it, and asks the registry"
                    + " whether the records' schema fits; exit 1 when it does not.",
            ""
        },
        sortOptions = false)
final class PlanCommand extends ApiCommand {
    @Mixin
    private RunOptions options = new RunOptions();

    @Mixin
    private WindowOptions window = new WindowOptions();

    PlanCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        RunOrder order = options.order(window, around.clock().instant());
        Plan plan = api().plan(order);
        print(plan.json(), Report.plan(order, plan));
        return plan.isCompatible() ? ExitCode.OK : ExitCode.DIFFERS;
    }
}
