/** Network namespaces: named ones, and threads that live in one for the length of one task. */
package io.terway.linux.netns;
