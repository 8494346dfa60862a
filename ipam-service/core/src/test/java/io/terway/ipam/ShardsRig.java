package io.terway.ipam;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.Sharding;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Two shards that divide one zone, with one cloud and one API server between them. */
final class ShardsRig {

    static final String ZONE = "cn-hangzhou-h";
    private static final Sharding TWO = Sharding.parse("*=0,1");

    final ModelCloud cloud = new ModelCloud(200);
    final Map<PodRef, FixedAddress> stored = new LinkedHashMap<>();
    final Map<PodRef, FixedAddress.Target> wantedAt = new HashMap<>();
    final List<FixedRig> shards = new ArrayList<>();
    private final Map<PodRef, Duration> rests = new HashMap<>();
    private final List<Map<PodRef, IpamEvent.PodNetInfoSeen>> told = new ArrayList<>();
    /** False: what is handed over is not written. */
    boolean writes = true;

    ShardsRig(Map<String, Object> eniConf) {
        for (int shard = 0; shard < 2; shard++) {
            shards.add(new FixedRig(eniConf, FixedSettings.DEFAULTS, new Shard(TWO, shard), cloud, stored));
            told.add(new HashMap<>());
        }
    }

    /** The i-th node of a shard. */
    ModelAgent node(int shard, int i) {
        String name = IntStream.range(0, 1_000)
                .mapToObj(number -> "node-" + number)
                .filter(node -> TWO.of(new ZoneId(ZONE), node) == shard)
                .skip(i)
                .findFirst()
                .orElseThrow();
        return shards.get(shard).node(name, ZONE);
    }

    FixedRig of(ModelAgent node) {
        return shards.get(TWO.of(node.zone, node.name.value()));
    }

    void failOver(int shard) {
        told.get(shard).clear();
        shards.get(shard).failOver();
        settle();
    }

    Ip add(ModelAgent node, String pod, int life, Map<String, String> wishes) {
        await(node, pod, life, wishes);
        Ip ip = of(node).add(node, pod, life, wishes);
        settle();
        return ip;
    }

    /** The first answer other than "wait", else the last one after two minutes. */
    AllocateOutcome await(ModelAgent node, String pod, int life, Map<String, String> wishes) {
        AllocateOutcome answer = of(node).ask(node, pod, life, wishes);
        for (int i = 0; i < 400 && answer instanceof AllocateOutcome.Pending; i++) {
            pass(Duration.ofMillis(300));
            answer = of(node).ask(node, pod, life, wishes);
        }
        return answer;
    }

    void delete(ModelAgent node, String pod, int life) {
        of(node).delete(node, pod, life);
        settle();
    }

    void pass(Duration time) {
        shards.forEach(rig -> rig.pass(time));
        settle();
    }

    /** Both hear what the API server has, until nothing changes any more. */
    private void settle() {
        boolean changed = true;
        while (changed) {
            shards.forEach(this::take);
            changed = false;
            for (int shard = 0; shard < 2; shard++) {
                changed |= tell(shard);
            }
        }
    }

    private boolean tell(int shard) {
        boolean changed = false;
        for (FixedAddress address : List.copyOf(stored.values())) {
            PodRef pod = address.pod();
            var seen = new IpamEvent.PodNetInfoSeen(
                    address, Optional.ofNullable(wantedAt.get(pod)), rests.getOrDefault(pod, Duration.ZERO));
            if (!seen.equals(told.get(shard).put(pod, seen))) {
                shards.get(shard).feed(seen);
                changed = true;
            }
        }
        for (PodRef pod : List.copyOf(told.get(shard).keySet())) {
            if (!stored.containsKey(pod)) {
                IpamEvent.PodNetInfoSeen gone = told.get(shard).remove(pod);
                shards.get(shard)
                        .feed(new IpamEvent.PodNetInfoGone(pod, gone.address().object()));
                changed = true;
            }
        }
        return changed;
    }

    private void take(FixedRig rig) {
        List<FixedCommand> commands = List.copyOf(rig.commands);
        rig.commands.clear();
        for (FixedCommand command : commands) {
            switch (command) {
                case FixedCommand.Show show -> {
                    stored.computeIfPresent(
                            show.address().pod(),
                            (_, now) -> show.address().place().map(now::at).orElse(now));
                    if (show.bound()) {
                        wantedAt.remove(show.address().pod());
                        rests.remove(show.address().pod());
                    }
                }
                case FixedCommand.Ask ask -> wantedAt.put(ask.address().pod(), ask.target());
                case FixedCommand.HandOver handOver -> {
                    if (writes) {
                        handOver(handOver);
                    }
                }
                case FixedCommand.Write _,
                        FixedCommand.Count _,
                        FixedCommand.Release _,
                        FixedCommand.ShowNode _,
                        FixedCommand.Tell _ -> {}
            }
        }
    }

    private void handOver(FixedCommand.HandOver handOver) {
        FixedAddress address = handOver.address();
        FixedAddress.Place last = address.place().orElseThrow();
        stored.computeIfPresent(
                address.pod(),
                (_, now) -> now.at(new FixedAddress.Place(
                        handOver.target().node(),
                        handOver.target().instance(),
                        last.eni(),
                        last.mac(),
                        last.groups())));
        rests.put(address.pod(), handOver.rest());
        wantedAt.remove(address.pod());
    }
}
