package io.tributary.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The rules of the house. Each is also shown to fail on a planted violation. */
class ArchitectureTest {
    private static final String ROOT = "io.tributary.ingest";
    private static final Set<String> WAITING = Set.of("block", "blockFirst", "blockLast", "toIterable", "toStream");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    private static final ArchRule NOBODY_WAITS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".IngestMain")
            .should()
            .callMethodWhere(on("waits for a publisher", WAITING))
            .because("a thread that waits for a publisher can be the one that should deliver it");

    private static final ArchRule ONE_SUBSCRIBER = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".IngestMain")
            .and()
            .resideOutsideOfPackage(ROOT + ".api..")
            .should()
            .callMethodWhere(on("subscribes", Set.of("subscribe")))
            .because("who subscribes inside a pipeline cuts its backpressure and its cancel");

    private static final ArchRule REACTOR_KAFKA_STAYS_INSIDE = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".sink.kafka..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("reactor.kafka..")
            .because("the library is discontinued: one package to replace");

    private static final ArchRule MODEL_HAS_NO_IO = classes()
            .that()
            .resideInAPackage(ROOT + ".model..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + ".model..", "io.tributary.schemas..", "java..", "org.jspecify..");

    private static final ArchRule ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("model")
            .definedBy(ROOT + ".model..")
            .layer("protocol")
            .definedBy(ROOT + ".protocol..")
            .layer("postgres")
            .definedBy(ROOT + ".postgres..")
            .layer("kafka")
            .definedBy(ROOT + ".kafka..")
            .layer("source")
            .definedBy(ROOT + ".source..")
            .layer("ledger")
            .definedBy(ROOT + ".ledger..")
            .layer("sink")
            .definedBy(ROOT + ".sink..")
            .layer("pipeline")
            .definedBy(ROOT + ".pipeline..")
            .layer("reconcile")
            .definedBy(ROOT + ".reconcile..")
            .layer("replay")
            .definedBy(ROOT + ".replay..")
            .layer("plan")
            .definedBy(ROOT + ".plan..")
            .layer("live")
            .definedBy(ROOT + ".live..")
            .layer("api")
            .definedBy(ROOT + ".api..")
            .layer("main")
            .definedBy(ROOT)
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("live")
            .mayOnlyBeAccessedByLayers("api", "main")
            .whereLayer("api")
            .mayOnlyBeAccessedByLayers("main")
            .whereLayer("pipeline")
            .mayOnlyBeAccessedByLayers("main")
            .whereLayer("reconcile")
            .mayOnlyBeAccessedByLayers("live", "api", "main")
            .whereLayer("replay")
            .mayOnlyBeAccessedByLayers("live", "api", "main")
            .whereLayer("plan")
            .mayOnlyBeAccessedByLayers("api", "main")
            .whereLayer("source")
            .mayOnlyBeAccessedByLayers("pipeline", "plan", "main")
            .whereLayer("sink")
            .mayOnlyBeAccessedByLayers("pipeline", "replay", "live", "main")
            .whereLayer("protocol")
            .mayOnlyBeAccessedByLayers("ledger", "sink", "pipeline")
            .whereLayer("ledger") // the rows of users are stored by a move of the ledger, in its transaction
            .mayOnlyBeAccessedByLayers("sink", "pipeline", "reconcile", "replay", "live", "api", "main")
            .whereLayer("kafka")
            .mayOnlyBeAccessedByLayers("sink", "reconcile", "main")
            .whereLayer("postgres")
            .mayOnlyBeAccessedByLayers("source", "ledger", "sink", "reconcile", "main");

    @Test
    void thereAreClassesToCheck() {
        assertThat(MAIN.size()).isGreaterThan(30);
    }

    @Test
    void nobodyWaitsForAPublisher() {
        NOBODY_WAITS.check(MAIN);
    }

    @Test
    void onlyTheMainAndTheApiSubscribe() {
        ONE_SUBSCRIBER.check(MAIN);
    }

    @Test
    void reactorKafkaStaysInsideItsPackage() {
        REACTOR_KAFKA_STAYS_INSIDE.check(MAIN);
    }

    @Test
    void theModelHasNoIo() {
        MODEL_HAS_NO_IO.check(MAIN);
    }

    @Test
    void dependenciesPointOneWay() {
        ONE_WAY.check(MAIN);
    }

    @Test
    void aPlantedBlockIsFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
        assertThatThrownBy(() -> NOBODY_WAITS.check(planted)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aPlantedSubscribeIsFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
        assertThatThrownBy(() -> ONE_SUBSCRIBER.check(planted)).isInstanceOf(AssertionError.class);
    }

    static final class Planted {
        int waits() {
            return Flux.just(1).blockLast();
        }

        void subscribesInside() {
            Flux.just(1).doOnNext(one -> Mono.just(one).subscribe()).subscribe();
        }
    }

    private static DescribedPredicate<JavaCall<?>> on(String what, Set<String> methods) {
        return DescribedPredicate.describe(
                what,
                call -> methods.contains(call.getTarget().getName())
                        && call.getTarget().getOwner().getPackageName().startsWith("reactor.core.publisher"));
    }
}
