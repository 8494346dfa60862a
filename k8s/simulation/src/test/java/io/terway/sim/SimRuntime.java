package io.terway.sim;

import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.PodLife;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** kubelet and the container runtime of a node: pods come and go, calls are repeated, given up and delivered late. */
final class SimRuntime {

    private static final int GIVE_UP = 70_000;

    private final World world;
    private final SimNode node;
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final Map<SandboxKey, Pod> namespaces = new HashMap<>();
    /** For the check only: when namespaces went. */
    private final Map<SandboxKey, Long> gone = new HashMap<>();

    private final Set<SandboxKey> owedByTheDead = new HashSet<>();

    private int wanted;
    private boolean paused;

    /** One pod; at most one sandbox of it at a time. */
    private static final class Pod {
        final PodLife life;
        SandboxKey sandbox;
        boolean running;
        boolean ending;
        int attempt;

        Pod(PodLife life) {
            this.life = life;
        }
    }

    SimRuntime(World world, SimNode node) {
        this.world = world;
        this.node = node;
    }

    void churn() {
        if (node.isUp() && !paused) {
            if (world.weather.coin(0.1)) {
                wanted = world.weather.between(0, world.shape.pods());
            }
            int now = (int) pods.values().stream().filter(pod -> !pod.ending).count();
            if (now < wanted || now == wanted && world.weather.coin(0.2)) {
                begin();
            } else if (now > 0) {
                List<Pod> some =
                        pods.values().stream().filter(pod -> !pod.ending).toList();
                stop(some.get(world.weather.between(0, some.size() - 1)));
            }
        }
        world.agenda.after(world.weather.between(200, 4_000), this::churn);
    }

    /** Nothing is wanted but what there is. */
    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    boolean hasNamespace(SandboxKey key) {
        return namespaces.containsKey(key);
    }

    /** Milliseconds that an agent, up since then, has had to carry out the sandbox's end; 0 while it is wanted. */
    long goneFor(SandboxKey key, long upSince) {
        long now = world.agenda.now();
        long had = now - Math.max(upSince, gone.getOrDefault(key, now));
        return owedByTheDead.contains(key) ? had - SimAgent.SWEEP_EVERY : had;
    }

    /** Its DEL was answered while the disk refused the release, and the agent that owed it is dead: the sweep finds it. */
    void leaveToTheSweep(SandboxKey key) {
        if (gone.computeIfPresent(key, (_, _) -> world.agenda.now() + SimAgent.SWEPT_AFTER) != null) {
            owedByTheDead.add(key);
        }
    }

    private void begin() {
        String uid = "pod-" + world.newPod();
        Pod pod = new Pod(new PodLife(new PodRef("ns", uid), uid));
        pods.put(uid, pod);
        newSandbox(pod);
    }

    private void newSandbox(Pod pod) {
        if (pod.ending || !node.isUp()) {
            return;
        }
        // Some runtimes name a sandbox after its pod: the next life of it has the same key.
        boolean same = pod.sandbox != null && world.weather.coin(0.3);
        pod.sandbox = same ? pod.sandbox : new SandboxKey("terway", "c" + world.newContainer(), "eth0");
        namespaces.put(pod.sandbox, pod);
        gone.remove(pod.sandbox);
        owedByTheDead.remove(pod.sandbox);
        add(pod);
    }

    private void add(Pod pod) {
        int attempt = ++pod.attempt;
        SandboxKey key = pod.sandbox;
        SimAgent.Add call = new SimAgent.Add(key, pod.life, node.callStarts());
        int boot = node.bootId().hashCode();
        boolean late = world.weather.strikes(0.03);
        world.agenda.after(late ? world.weather.between(1_000, GIVE_UP + 20_000) : world.weather.between(0, 5), () -> {
            if (boot == node.bootId().hashCode() && node.isUp()) {
                node.agent()
                        .ifPresentOrElse(
                                agent -> agent.add(call, success -> added(pod, attempt, success)),
                                () -> added(pod, attempt, false));
            }
        });
        world.agenda.after(world.weather.strikes(0.02) ? 2_000 : GIVE_UP, () -> {
            if (attempt == pod.attempt
                    && !pod.running
                    && node.isUp()
                    && boot == node.bootId().hashCode()) {
                added(pod, attempt, false);
            }
        });
    }

    private void added(Pod pod, int attempt, boolean success) {
        if (attempt != pod.attempt || pod.running || pod.ending) {
            return;
        }
        if (success) {
            pod.running = true;
        } else if (world.weather.coin(0.2)) {
            pod.attempt++;
            int next = pod.attempt;
            world.agenda.after(world.weather.between(200, 2_000), () -> {
                if (next == pod.attempt && !pod.ending && node.isUp()) {
                    add(pod); // the same sandbox again
                }
            });
        } else {
            replace(pod, 500, 3_000);
        }
    }

    private void stop(Pod pod) {
        pod.ending = true;
        pod.running = false;
        pod.attempt++;
        del(pod, () -> pods.remove(pod.life.uid()));
    }

    /** A sandbox dies and its pod gets another. */
    void crashOne() {
        List<Pod> running = pods.values().stream().filter(pod -> pod.running).toList();
        if (!running.isEmpty() && node.isUp()) {
            Pod pod = running.get(world.weather.between(0, running.size() - 1));
            replace(pod, 0, 2_000);
        }
    }

    /** Ends the sandbox, then makes another, unless the pod has gone on in another way: a kubelet has one of each at a time. */
    private void replace(Pod pod, int low, int high) {
        pod.running = false;
        int attempt = ++pod.attempt;
        del(
                pod,
                () -> world.agenda.after(world.weather.between(low, high), () -> {
                    if (attempt == pod.attempt && pods.get(pod.life.uid()) == pod) {
                        newSandbox(pod);
                    }
                }));
    }

    private void del(Pod pod, Runnable done) {
        SimAgent.Del call = new SimAgent.Del(pod.sandbox, node.callStarts());
        delOnce(call, node.bootId(), pod, done, new boolean[1]);
        if (world.weather.strikes(0.1)) {
            // The same call once more, much later.
            String boot = node.bootId();
            world.agenda.after(world.weather.between(100, 20_000), () -> {
                if (node.isUp() && boot.equals(node.bootId())) {
                    node.del(call, () -> {});
                }
            });
        }
    }

    private void delOnce(SimAgent.Del before, String boot, Pod pod, Runnable done, boolean[] answered) {
        if (answered[0]) {
            return;
        }
        String now = node.bootId();
        SimAgent.Del call = boot.equals(now) ? before : new SimAgent.Del(before.key(), node.callStarts());
        if (node.isUp()) {
            node.del(call, () -> {
                if (!answered[0]) {
                    answered[0] = true;
                    removeNamespace(call.key(), pod);
                    done.run();
                }
            });
        }
        world.agenda.after(5_000, () -> delOnce(call, now, pod, done, answered));
    }

    private void removeNamespace(SandboxKey key, Pod pod) {
        if (namespaces.remove(key, pod)) {
            gone.put(key, world.agenda.now());
            node.unplumb(key);
        }
    }

    /** No sandbox outlives a power loss. */
    void powerLost() {
        namespaces.clear();
        pods.values().forEach(pod -> {
            pod.running = false;
            pod.attempt++;
        });
    }

    /** kubelet ends the dead sandboxes, then makes new ones for the pods that stay. */
    void booted() {
        for (Pod pod : new ArrayList<>(pods.values())) {
            if (!pod.ending) {
                replace(pod, 0, 0);
            }
        }
    }

    void drained() {
        pods.clear();
        namespaces.clear();
    }

    /** True for a sandbox whose ADD was answered and that nobody has asked to end. */
    boolean isAlive(SandboxKey key) {
        Pod pod = namespaces.get(key);
        return pod != null && pod.running && pod.sandbox.equals(key);
    }

    List<SandboxKey> running() {
        return pods.values().stream()
                .filter(pod -> pod.running)
                .map(pod -> pod.sandbox)
                .toList();
    }

    List<SandboxKey> starting() {
        return pods.values().stream()
                .filter(pod -> !pod.running)
                .map(pod -> pod.sandbox)
                .toList();
    }
}
