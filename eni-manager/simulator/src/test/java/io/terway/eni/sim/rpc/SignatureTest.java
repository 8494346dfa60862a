package io.terway.eni.sim.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SignatureTest {

    @Test
    void signsTheDocumentedExampleAsDocumented() {
        Params params = new Params(Map.of(
                "Action", "DescribeRegions",
                "Format", "XML",
                "AccessKeyId", "testid",
                "SignatureMethod", "HMAC-SHA1",
                "SignatureVersion", "1.0",
                "SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
                "Timestamp", "2016-02-23T12:46:24Z",
                "Version", "2014-05-26"));
        assertEquals(
                "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
                Signature.sign("testsecret", Signature.stringToSign("GET", params.all())));
    }

    @Test
    void keepsEmptyValuesAndEncodesTwice() {
        TreeMap<String, String> params = new TreeMap<>(Map.of("Tag.1.Value", "", "Name", "a b*~é+"));
        assertEquals(
                "POST&%2F&Name%3Da%2520b%252A~%25C3%25A9%252B%26Tag.1.Value%3D",
                Signature.stringToSign("POST", params));
    }
}
