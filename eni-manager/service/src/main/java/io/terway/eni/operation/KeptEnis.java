package io.terway.eni.operation;

import io.terway.eni.Attachment;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniStatus;
import io.terway.eni.NetworkInterface;
import io.terway.net.EniId;
import java.util.List;
import java.util.function.Consumer;

/** ENIs on no machine that are kept for a pod, as the last complete listing showed them. Only ipam-service knows which pod. */
public final class KeptEnis implements Consumer<List<NetworkInterface>> {

    private final Ownership ownership;
    private volatile List<EniId> kept = List.of();

    KeptEnis(Ownership ownership) {
        this.ownership = ownership;
    }

    @Override
    public void accept(List<NetworkInterface> listed) {
        kept = listed.stream()
                .filter(eni -> eni.status() == EniStatus.AVAILABLE
                        && eni.attachment() instanceof Attachment.Detached
                        && eni.tags().containsKey(ClusterTags.KEPT)
                        && ownership.ours(eni))
                .map(NetworkInterface::id)
                .toList();
    }

    public List<EniId> list() {
        return kept;
    }
}
