package io.terway.ipam;

import io.terway.ipam.PoolView.EniView;
import io.terway.ipam.PoolView.IdleView;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides what a pool needs. Pure and total: planning on a settled pool gives nothing, and what is in flight counts, so that
 * planning twice never orders twice.
 */
public final class PoolPlanner {

    /** ENIs one node creates at the same time; more would only wait at the cloud. */
    public static final int MAX_PARALLEL_CREATES = 4;

    /** Secondary addresses a create call takes (CreateNetworkInterface: 49). */
    public static final int MAX_ADDRESSES_PER_CREATE = 50;

    private PoolPlanner() {}

    /** What to do now, growth before shrinking; never both. */
    public static List<PoolStep> plan(PoolView view, Instant now) {
        List<PoolStep> steps = new ArrayList<>();
        int idle = view.idle();
        int waiting = view.waiting();
        int order = view.mayWarmUp()
                ? view.targets().step(waiting, idle, view.inFlight())
                : Math.max(0, waiting - idle - view.inFlight());
        if (view.mayOrder()) {
            grow(view, order, steps);
        }
        if (waiting == 0 && order == 0) {
            shrink(view, idle, now, steps);
        }
        return steps;
    }

    private static void grow(PoolView view, int order, List<PoolStep> steps) {
        int left = order;
        for (EniView eni : ordered(view)) {
            int room = Math.min(Math.min(left, eni.most()), view.perEni() - eni.used());
            if (room > 0 && !eni.busy()) {
                steps.add(new PoolStep.Grow(eni.id(), room));
                left -= room;
            }
        }
        // What still fits on ENIs with an open operation is asked of them when it ends: an ENI more would stay nearly
        // empty.
        left = Math.max(0, left - roomToCome(view));
        int creates = view.perEni() == 0 ? 0 : Math.min(view.eniRoom(), MAX_PARALLEL_CREATES - view.creating());
        int attached = view.enis().size() + view.creating();
        while (creates > 0 && (left > 0 || attached < view.targets().preAttachedEnis())) {
            int addresses =
                    Math.clamp(left, 1, Math.min(view.perCreate(), Math.min(view.perEni(), MAX_ADDRESSES_PER_CREATE)));
            steps.add(new PoolStep.NewEni(addresses));
            left -= addresses;
            attached++;
            creates--;
        }
    }

    /** Room on busy and coming ENIs beyond the addresses already ordered for them. */
    private static int roomToCome(PoolView view) {
        int busy = view.enis().stream()
                .filter(eni -> eni.busy() && eni.most() > 0)
                .mapToInt(eni -> view.perEni() - eni.used())
                .sum();
        return Math.max(0, busy + view.creating() * view.perEni() - view.inFlight());
    }

    private static List<EniView> ordered(PoolView view) {
        Comparator<EniView> bySize = Comparator.comparingInt(EniView::used);
        return view.enis().stream()
                .sorted((view.targets().fullestEniFirst() ? bySize.reversed() : bySize).thenComparing(EniView::id))
                .toList();
    }

    private static void shrink(PoolView view, int idle, Instant now, List<PoolStep> steps) {
        int excess = view.targets().excess(0, idle);
        Instant expired = now.minus(view.targets().idleTtl());
        int keep = view.targets().min();
        int spareEnis = view.enis().size() - view.targets().preAttachedEnis();
        List<EniView> smallestFirst = view.enis().stream()
                .sorted(Comparator.comparingInt(EniView::used).thenComparing(EniView::id))
                .toList();
        int returned = 0;
        for (EniView eni : smallestFirst) {
            if (eni.busy()) {
                continue;
            }
            // Oldest first, so the expired ones of an ENI are a prefix of its idle list.
            int old = (int) eni.idle().stream()
                    .filter(address -> !address.since().isAfter(expired))
                    .count();
            int allowed = Math.max(excess - returned, Math.min(old, idle - returned - keep));
            int count = Math.min(allowed, eni.idle().size());
            if (count <= 0) {
                continue;
            }
            if (count == eni.live() && spareEnis > 0) {
                steps.add(new PoolStep.DropEni(eni.id()));
                spareEnis--;
                returned += count;
            } else {
                returned += single(eni, count, steps);
            }
        }
    }

    private static int single(EniView eni, int count, List<PoolStep> steps) {
        List<Ip> victims = new ArrayList<>();
        Map<Cidr, List<Ip>> blocks = new LinkedHashMap<>();
        for (IdleView address : eni.idle()) {
            switch (address.returns()) {
                case PoolView.Returns.WithEni _ -> {}
                case PoolView.Returns.Alone _ -> {
                    if (victims.size() < count) {
                        victims.add(address.ip());
                    }
                }
                case PoolView.Returns.WithBlock(Cidr block, int size) -> {
                    List<Ip> free = blocks.computeIfAbsent(block, _ -> new ArrayList<>());
                    free.add(address.ip());
                    if (free.size() == size && victims.size() + size <= count) {
                        victims.addAll(free);
                    }
                }
            }
        }
        if (!victims.isEmpty()) {
            steps.add(new PoolStep.Shrink(victims));
        }
        return victims.size();
    }
}
