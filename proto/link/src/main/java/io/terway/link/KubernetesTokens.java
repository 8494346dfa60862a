package io.terway.link;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.net.NodeName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * TokenReview at the API server, for our audience. The node of an agent's token is its node claim (Kubernetes 1.30 and
 * later); an older server names the pod, and that pod names the node.
 *
 * <p>Of the pod its UID must agree, so that the token of a pod that is gone proves nothing about its successor.
 */
public final class KubernetesTokens implements TokenReviewer {

    /** What a token must have been made for. */
    public static final String AUDIENCE = "terway";

    private static final String AGENT_ACCOUNT = "terway";
    private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
    private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

    private final KubernetesClient client;
    private final String namespace;

    /** @param namespace where the service accounts of our parts are */
    public KubernetesTokens(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    @Override
    public Review review(String token) {
        try {
            TokenReviewStatus status = client.tokenReviews()
                    .create(new TokenReviewBuilder()
                            .withNewSpec()
                            .withToken(token)
                            .withAudiences(AUDIENCE)
                            .endSpec()
                            .build())
                    .getStatus();
            return status == null ? new Review.Unanswered("the API server gave no status") : judge(status);
        } catch (KubernetesClientException e) {
            return new Review.Unanswered("the API server did not review the token: " + e.getMessage());
        }
    }

    private Review judge(TokenReviewStatus status) {
        if (!Boolean.TRUE.equals(status.getAuthenticated())) {
            return new Review.Refused("the token is not valid"
                    + Optional.ofNullable(status.getError()).map(e -> ": " + e).orElse(""));
        }
        if (status.getAudiences() == null || !status.getAudiences().contains(AUDIENCE)) {
            return new Review.Refused("the token is for " + status.getAudiences() + ", not for audience " + AUDIENCE);
        }
        String user = Optional.ofNullable(status.getUser().getUsername()).orElse("");
        String prefix = "system:serviceaccount:" + namespace + ":";
        if (!user.startsWith(prefix)) {
            return new Review.Refused(user + " is not a service account of namespace " + namespace);
        }
        String account = user.substring(prefix.length());
        return account.equals(AGENT_ACCOUNT)
                ? agent(status.getUser().getExtra())
                : new Review.Known(new Caller.Service(account));
    }

    private Review agent(Map<String, List<String>> extra) {
        Optional<String> node = first(extra, NODE_NAME);
        if (node.isEmpty()) {
            node = first(extra, POD_NAME).flatMap(pod -> nodeOf(pod, first(extra, POD_UID)));
        }
        return node.<Review>map(name -> new Review.Known(new Caller.NodeAgent(new NodeName(name))))
                .orElseGet(() -> new Review.Refused(
                        "the agent's token is bound to no node and to no pod on one; mount a projected token"));
    }

    private Optional<String> nodeOf(String pod, Optional<String> uid) {
        Pod found = client.pods().inNamespace(namespace).withName(pod).get();
        return Optional.ofNullable(found)
                .filter(p -> uid.isEmpty() || uid.get().equals(p.getMetadata().getUid()))
                .map(p -> p.getSpec().getNodeName())
                .filter(name -> !name.isEmpty());
    }

    private static Optional<String> first(Map<String, List<String>> extra, String key) {
        return Optional.ofNullable(extra)
                .map(all -> all.get(key))
                .filter(l -> !l.isEmpty())
                .map(List::getFirst);
    }
}
