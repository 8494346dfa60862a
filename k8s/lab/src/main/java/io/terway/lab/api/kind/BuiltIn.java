package io.terway.lab.api.kind;

import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The resources served without any definition stored, as the table below lists them. */
final class BuiltIn {

    /** group/version, plural, kind, N|C (scope), short names, traits (first letters, see {@link #trait}). */
    private static final String TABLE = """
            v1 pods Pod N po S
            v1 nodes Node C no S
            v1 namespaces Namespace C ns S
            v1 configmaps ConfigMap N cm -
            v1 secrets Secret N - -
            v1 services Service N svc S
            v1 endpoints Endpoints N ep U
            v1 events Event N ev U
            v1 bindings Binding N - R
            v1 serviceaccounts ServiceAccount N sa -
            v1 persistentvolumeclaims PersistentVolumeClaim N pvc S
            v1 persistentvolumes PersistentVolume C pv S
            v1 resourcequotas ResourceQuota N quota S
            v1 limitranges LimitRange N limits -
            v1 replicationcontrollers ReplicationController N rc SGX
            apps/v1 deployments Deployment N deploy SGX
            apps/v1 statefulsets StatefulSet N sts SGX
            apps/v1 daemonsets DaemonSet N ds SG
            apps/v1 replicasets ReplicaSet N rs SGX
            batch/v1 jobs Job N - SG
            batch/v1 cronjobs CronJob N cj SG
            autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler N hpa S
            networking.k8s.io/v1 networkpolicies NetworkPolicy N netpol G
            networking.k8s.io/v1 ingresses Ingress N ing SG
            networking.k8s.io/v1 ingressclasses IngressClass C - G
            coordination.k8s.io/v1 leases Lease N - CU
            discovery.k8s.io/v1 endpointslices EndpointSlice N - -
            policy/v1 poddisruptionbudgets PodDisruptionBudget N pdb SG
            events.k8s.io/v1 events Event N ev U
            scheduling.k8s.io/v1 priorityclasses PriorityClass C pc -
            storage.k8s.io/v1 storageclasses StorageClass C sc -
            node.k8s.io/v1 runtimeclasses RuntimeClass C - -
            rbac.authorization.k8s.io/v1 roles Role N - U
            rbac.authorization.k8s.io/v1 rolebindings RoleBinding N - U
            rbac.authorization.k8s.io/v1 clusterroles ClusterRole C - U
            rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding C - U
            admissionregistration.k8s.io/v1 validatingwebhookconfigurations ValidatingWebhookConfiguration C - G
            admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration C - G
            admissionregistration.k8s.io/v1 validatingadmissionpolicies ValidatingAdmissionPolicy C - SG
            admissionregistration.k8s.io/v1 validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding C - G
            apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition C crd,crds SG
            certificates.k8s.io/v1 certificatesigningrequests CertificateSigningRequest C csr S
            authentication.k8s.io/v1 tokenreviews TokenReview C - R
            authentication.k8s.io/v1 selfsubjectreviews SelfSubjectReview C - R
            authorization.k8s.io/v1 subjectaccessreviews SubjectAccessReview C - R
            authorization.k8s.io/v1 selfsubjectaccessreviews SelfSubjectAccessReview C - R
            authorization.k8s.io/v1 selfsubjectrulesreviews SelfSubjectRulesReview C - R
            authorization.k8s.io/v1 localsubjectaccessreviews LocalSubjectAccessReview N - R
            """;

    private static final Set<String> IN_ALL = Set.of(
            "pods",
            "services",
            "deployments",
            "statefulsets",
            "daemonsets",
            "replicasets",
            "jobs",
            "cronjobs",
            "horizontalpodautoscalers",
            "replicationcontrollers");

    private BuiltIn() {}

    static List<Resource> resources() {
        List<Resource> out = new ArrayList<>();
        TABLE.lines().forEach(line -> out.add(row(line.split(" "))));
        return out;
    }

    private static Resource row(String[] field) {
        int slash = field[0].indexOf('/');
        String group = slash < 0 ? "" : field[0].substring(0, slash);
        Set<Resource.Trait> traits = EnumSet.noneOf(Resource.Trait.class);
        field[5].chars().filter(c -> c != '-').forEach(c -> traits.add(trait((char) c)));
        return new Resource(
                group,
                field[0].substring(slash + 1),
                field[1],
                field[2].toLowerCase(java.util.Locale.ROOT),
                field[2],
                field[3].equals("N"),
                field[4].equals("-") ? List.of() : List.of(field[4].split(",")),
                IN_ALL.contains(field[1]) ? List.of("all") : List.of(),
                traits,
                BuiltInColumns.of(group, field[1]),
                MissingNode.getInstance(),
                List.of());
    }

    private static Resource.Trait trait(char letter) {
        return switch (letter) {
            case 'S' -> Resource.Trait.STATUS;
            case 'G' -> Resource.Trait.GENERATION;
            case 'C' -> Resource.Trait.CONDITIONAL;
            case 'U' -> Resource.Trait.UPSERT;
            case 'X' -> Resource.Trait.SCALE;
            case 'R' -> Resource.Trait.REVIEW;
            default -> throw new IllegalStateException("no trait has the letter " + letter);
        };
    }
}
