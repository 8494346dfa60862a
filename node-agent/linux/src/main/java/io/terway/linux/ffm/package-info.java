/** The C library through the FFM API: every system call this project makes itself, errno returned with the result. */
package io.terway.linux.ffm;
