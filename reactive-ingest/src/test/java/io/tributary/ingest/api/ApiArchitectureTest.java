package io.tributary.ingest.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class ApiArchitectureTest {
    private static final ArchRule ONLY_THE_BRIDGE_SUBSCRIBES = noClasses()
            .that()
            .haveNameNotMatching(".*\\.Bridge(\\$.*)?")
            .should()
            .callMethodWhere(DescribedPredicate.<JavaCall<?>>describe(
                    "subscribes",
                    call -> call.getTarget().getName().equals("subscribe")
                            && call.getTarget().getOwner().getPackageName().startsWith("reactor.core.publisher")));

    @Test
    void onlyTheBridgeSubscribes() {
        JavaClasses api = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackagesOf(ControlApi.class);
        ONLY_THE_BRIDGE_SUBSCRIBES.check(api);
    }

    @Test
    void aPlantedSubscribeIsFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
        assertThatThrownBy(() -> ONLY_THE_BRIDGE_SUBSCRIBES.check(planted)).isInstanceOf(AssertionError.class);
    }

    static final class Planted {
        void subscribes() {
            Mono.just(1).subscribe();
        }
    }
}
