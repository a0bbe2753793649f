"""inetd.py ADDRESS PORT PROGRAM WORD…: starts the program for each connection, which is its standard input and output, as
a socket unit with `Accept=yes` does."""

import signal, socket, subprocess, sys

if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
    while True:
        connection, _ = server.accept()
        with connection:
            subprocess.Popen(sys.argv[3:], stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)
