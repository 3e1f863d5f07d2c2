// The floor: an echo of bytes over TCP on one epoll loop, without any protocol. tcp-echo PORT (0 picks one).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char buffer[256 * 1024];
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) return perror("tcp-echo"), 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < count; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == listener) {
                event.data.fd = accept(listener, 0, 0);
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
                continue;
            }
            // Sending blocks when the peer's buffer is full: the generator reads whatever it is doing, so that ends.
            ssize_t received = recv(descriptor, buffer, sizeof buffer, MSG_DONTWAIT), sent = 0;
            while (sent < received) {
                ssize_t written = send(descriptor, buffer + sent, received - sent, MSG_NOSIGNAL);
                if (written <= 0) break;
                sent += written;
            }
            if (received <= 0) close(descriptor);
        }
    }
}
