package io.terway.eni.sim.cloud;

import io.terway.net.EniId;
import java.util.HashSet;
import java.util.Set;

/** Counts changes of the cloud and remembers which ENIs the data plane has yet to hear of. */
public final class Changes {

    private final boolean watched;
    private final Set<EniId> touched = new HashSet<>();
    private boolean layout;
    private long revision;

    /** @param watched false when nobody drains, so that nothing piles up */
    public Changes(boolean watched) {
        this.watched = watched;
    }

    /** Grows by one at each change of anything that is kept. */
    public long revision() {
        return revision;
    }

    /** Something changed that moves no packet. */
    void note() {
        revision++;
    }

    /** An ENI came, went or changed. */
    void touch(EniId eni) {
        revision++;
        if (watched) {
            touched.add(eni);
        }
    }

    /** A vSwitch, route, group or instance changed. */
    void touchLayout() {
        revision++;
        layout = true;
    }

    public boolean pending() {
        return layout || !touched.isEmpty();
    }

    /** The ENIs touched since the last drain; forgets them. */
    public Set<EniId> drain() {
        Set<EniId> out = Set.copyOf(touched);
        touched.clear();
        layout = false;
        return out;
    }
}
