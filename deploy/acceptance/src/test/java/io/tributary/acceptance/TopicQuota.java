package io.tributary.acceptance;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;

/** How fast the broker takes what ingest's producer sends: it holds its answers back, as one that is too small would. */
record TopicQuota(Stores stores) {
    private static final ClientQuotaEntity PRODUCER =
            new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "ingest-1"));
    private static final long PATIENCE_SECONDS = 30;

    /** Of all records on the broker's disk, compressed. */
    long bytesInTopic() throws Exception {
        try (Admin admin = admin()) {
            return admin
                    .describeLogDirs(List.of(1))
                    .allDescriptions()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .flatMap(dirs -> dirs.values().stream())
                    .flatMap(dir -> dir.replicaInfos().entrySet().stream())
                    .filter(replica -> replica.getKey().topic().equals(Stores.TOPIC))
                    .map(Map.Entry::getValue)
                    .mapToLong(ReplicaInfo::size)
                    .sum();
        }
    }

    void bytesASecond(double bytes) throws Exception {
        alter(Math.rint(bytes)); // the broker refuses a fraction
    }

    void lift() throws Exception {
        alter(null);
    }

    private void alter(Double bytesASecond) throws Exception {
        ClientQuotaAlteration.Op rate = new ClientQuotaAlteration.Op("producer_byte_rate", bytesASecond);
        try (Admin admin = admin()) {
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(PRODUCER, List.of(rate))))
                    .all()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                stores.addresses().kafkaBootstrap().orElseThrow()));
    }
}
