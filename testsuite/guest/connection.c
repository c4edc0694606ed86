// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * connection PORT: opens a TCP connection over the loopback device and says "open"; for each line on standard input it
 * says whether a byte still comes through: "alive", or "dead".
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int carries(int from, int to, char byte)
{
	char got = 0;

	return write(from, &byte, 1) == 1 && read(to, &got, 1) == 1 && got == byte;
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0) };
	struct timeval patience = { 3, 0 };
	int listening = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int server, c;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listening, (void *)&at, sizeof(at)) || listen(listening, 1) ||
	    connect(client, (void *)&at, sizeof(at)) ||
	    (server = accept(listening, NULL, NULL)) < 0) {
		perror("connection");
		return 2;
	}
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts(carries(client, server, 'a') ? "open" : "dead");
	while ((c = getchar()) != EOF) {
		if (c == '\n')
			puts(carries(client, server, 'b') ? "alive" : "dead");
	}
	return 0;
}
