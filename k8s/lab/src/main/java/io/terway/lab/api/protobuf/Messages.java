package io.terway.lab.api.protobuf;

import java.util.HashMap;
import java.util.Map;

/**
 * The messages that are understood, by field number: the kinds that kubectl create makes, without their status. The wire
 * format is fixed by the API, so the table only ever grows.
 */
final class Messages {

    /**
     * {@code number name type}: string, bool, int and bytes are scalars, another word is a message of this table.
     * {@code []} repeats, {@code {}} maps from strings, {@code !} keeps a zero that is otherwise the absence of a value.
     */
    private static final String TABLE = """
            Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec
            NamespaceSpec: 1 finalizers []string
            ConfigMap: 1 metadata ObjectMeta, 4 immutable bool, 2 data {}string, 3 binaryData {}bytes
            Secret: 1 metadata ObjectMeta, 5 immutable bool, 2 data {}bytes, 4 stringData {}string, 3 type string
            ServiceAccount: 1 metadata ObjectMeta, 3 imagePullSecrets []LocalObjectReference
            LocalObjectReference: 1 name string
            Service: 1 metadata ObjectMeta, 2 spec ServiceSpec
            ServiceSpec: 1 ports []ServicePort, 2 selector {}string, 3 clusterIP string, 18 clusterIPs []string,\
             4 type string, 5 externalIPs []string, 7 sessionAffinity string, 8 loadBalancerIP string,\
             10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int,\
             13 publishNotReadyAddresses bool, 19 ipFamilies []string, 17 ipFamilyPolicy string,\
             22 internalTrafficPolicy string
            ServicePort: 1 name string, 2 protocol string, 6 appProtocol string, 3 port int,\
             4 targetPort IntOrString, 5 nodePort int
            Role: 1 metadata ObjectMeta, 2 rules []PolicyRule
            ClusterRole: 1 metadata ObjectMeta, 2 rules []PolicyRule
            RoleBinding: 1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
            ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
            PolicyRule: 1 verbs []string, 2 apiGroups []string, 3 resources []string, 4 resourceNames []string,\
             5 nonResourceURLs []string
            Subject: 1 kind string, 2 apiGroup string, 3 name string, 4 namespace string
            RoleRef: 1 apiGroup string, 2 kind string, 3 name string
            TokenRequest: 1 metadata ObjectMeta, 2 spec TokenRequestSpec
            TokenRequestSpec: 1 audiences []string, 4 expirationSeconds int, 3 boundObjectRef BoundObjectReference
            BoundObjectReference: 1 kind string, 2 apiVersion string, 3 name string, 4 uid string
            SelfSubjectReview: 1 metadata ObjectMeta
            SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec
            SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes,\
             2 nonResourceAttributes NonResourceAttributes
            ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string,\
             5 resource string, 6 subresource string, 7 name string
            NonResourceAttributes: 1 path string, 2 verb string
            SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec
            SelfSubjectRulesReviewSpec: 1 namespace string
            Binding: 1 metadata ObjectMeta, 2 target ObjectReference
            ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string,\
             6 resourceVersion string, 7 fieldPath string
            Eviction: 1 metadata ObjectMeta, 2 deleteOptions DeleteOptions
            DeleteOptions: 1 gracePeriodSeconds int!, 2 preconditions Preconditions, 4 propagationPolicy string,\
             5 dryRun []string
            Preconditions: 1 uid string, 2 resourceVersion string
            PodDisruptionBudget: 1 metadata ObjectMeta, 2 spec PodDisruptionBudgetSpec
            PodDisruptionBudgetSpec: 1 minAvailable IntOrString, 2 selector LabelSelector,\
             3 maxUnavailable IntOrString
            LabelSelector: 1 matchLabels {}string, 2 matchExpressions []LabelSelectorRequirement
            LabelSelectorRequirement: 1 key string, 2 operator string, 3 values []string
            Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec
            DeploymentSpec: 1 replicas int!, 2 selector LabelSelector, 3 template PodTemplateSpec,\
             4 strategy DeploymentStrategy, 5 minReadySeconds int
            DeploymentStrategy: 1 type string
            PodTemplateSpec: 1 metadata ObjectMeta, 2 spec PodSpec
            Pod: 1 metadata ObjectMeta, 2 spec PodSpec
            PodSpec: 2 containers []Container, 3 restartPolicy string, 4 terminationGracePeriodSeconds int!,\
             6 dnsPolicy string, 7 nodeSelector {}string, 8 serviceAccountName string, 9 serviceAccount string,\
             10 nodeName string, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 16 hostname string,\
             17 subdomain string, 19 schedulerName string, 22 tolerations []Toleration,\
             24 priorityClassName string
            Container: 1 name string, 2 image string, 3 command []string, 4 args []string, 5 workingDir string,\
             6 ports []ContainerPort, 7 env []EnvVar, 8 resources ResourceRequirements,\
             13 terminationMessagePath string, 20 terminationMessagePolicy string, 14 imagePullPolicy string,\
             16 stdin bool, 17 stdinOnce bool, 18 tty bool
            ContainerPort: 1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string
            EnvVar: 1 name string, 2 value string
            ResourceRequirements: 1 limits {}Quantity, 2 requests {}Quantity
            Quantity: 1 string string
            Toleration: 1 key string, 2 operator string, 3 value string, 4 effect string, 5 tolerationSeconds int!
            ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string,\
             6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 11 labels {}string,\
             12 annotations {}string, 13 ownerReferences []OwnerReference, 14 finalizers []string
            OwnerReference: 5 apiVersion string, 1 kind string, 3 name string, 4 uid string, 6 controller bool,\
             7 blockOwnerDeletion bool
            Time: 1 seconds int, 2 nanos int
            IntOrString: 1 type int, 2 intVal int!, 3 strVal string
            Unknown: 1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string
            TypeMeta: 1 apiVersion string, 2 kind string
            """;

    private static final Map<String, Map<Integer, Field>> BY_NAME = read();

    private Messages() {}

    /** How often a field comes. */
    enum Shape {
        ONE,
        LIST,
        MAP
    }

    /**
     * One field.
     *
     * @param type a scalar or the name of a message
     * @param keepsZero whether a zero or empty value counts
     */
    record Field(String name, Shape shape, String type, boolean keepsZero) {}

    /** The fields of a message by number; null when the table lacks it. */
    static Map<Integer, Field> of(String message) {
        return BY_NAME.get(message);
    }

    private static Map<String, Map<Integer, Field>> read() {
        Map<String, Map<Integer, Field>> out = new HashMap<>();
        TABLE.lines().forEach(line -> {
            int colon = line.indexOf(':');
            Map<Integer, Field> fields = new HashMap<>();
            for (String field : line.substring(colon + 1).split(",")) {
                String[] words = field.strip().split(" ");
                fields.put(Integer.parseInt(words[0]), field(words[1], words[2]));
            }
            out.put(line.substring(0, colon), fields);
        });
        return out;
    }

    private static Field field(String name, String type) {
        Shape shape = type.startsWith("[]") ? Shape.LIST : type.startsWith("{}") ? Shape.MAP : Shape.ONE;
        String bare = shape == Shape.ONE ? type : type.substring(2);
        boolean keeps = bare.endsWith("!");
        return new Field(name, shape, keeps ? bare.substring(0, bare.length() - 1) : bare, keeps);
    }
}
