package io.tributary.etl;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Has {@code airflow/venv.sh} make Airflow's environment where it is not made yet: 250 MB, fetched by the hashes of its lock. */
final class AirflowInstall {
    private static final Duration DONE_WITHIN = Duration.ofMinutes(15);

    private AirflowInstall() {}

    /** @param say gets each line that the script has to tell, also why it can not do it */
    static void of(Path home, Consumer<String> say) throws IOException, InterruptedException {
        Process script = new ProcessBuilder(home.resolve("airflow/venv.sh").toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader told = script.errorReader()) {
            String line;
            while ((line = told.readLine()) != null) {
                say.accept(line);
            }
            if (!script.waitFor(DONE_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                throw EtlFailure.broken(
                        "airflow/venv.sh has not ended after " + DONE_WITHIN.toMinutes() + " min", null);
            }
        } finally {
            script.destroy();
        }
        if (script.exitValue() != 0) {
            throw EtlFailure.broken(
                    "Airflow can not be installed: airflow/venv.sh ended with status " + script.exitValue(), null);
        }
    }
}
