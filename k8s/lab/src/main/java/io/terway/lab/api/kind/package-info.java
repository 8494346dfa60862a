/** Which resources exist: the built-in table, and those a CustomResourceDefinition adds. */
package io.terway.lab.api.kind;
