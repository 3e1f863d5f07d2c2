namespace Longwire.Soak;

/// <summary>The options of the run that has no name.</summary>
internal sealed record SoakOptions(SoakTransport Transport, TimeSpan Time, int Seed, int Actors)
{
    public const string Usage = """
        ./soak [--minutes 20] [--transport IoUring|Epoll|Kestrel] [--seed S] [--actors 24]

        Mixed load on a server in a process of its own, over loopback: echoes of 0 bytes to 1 MiB, whole, fragmented and compressed,
        hub rooms, readers that are slow, HTTP requests, and ends in every phase. Every reply is compared byte by byte. Each minute
        states the server's connections, descriptors and memory. At the end no connection may be left, no descriptor more than at the
        start, and memory must be flat: the median of resident memory in the last quarter at most 10 % and 32 MiB over that in the
        second quarter (in runs of a minute or more). Ends with 1 where anything of that fails.

        ./soak hub [--minutes 5] [--clients 200] [--transport IoUring|Epoll|Kestrel] [--seed S]

        Clients in rooms of a hub that publish, are cut off, freeze and come back. Nothing may be lost, doubled, out of order or different
        without the client having been told so, and what has an ack was published once.

        ./soak clients [--minutes 5] [--rooms 4] [--transport IoUring|Epoll|Kestrel] [--seed S]

        Clients (HubClient) behind a proxy that cuts, resets, half-closes, freezes, delays and corrupts connections: in each room a reader,
        and a writer with an outbox in a file, whose process is killed and started again. What was put into an outbox has to be published
        once and in order, and come so to the reader.

        ./soak storm [--clients 10000] [--rate 500] [--transport IoUring|Epoll|Kestrel] [--seed S]

        Clients (HubClient) of a server whose place another takes, which tells --rate of them a second when to come back; then it is
        killed and started again. All have to be back in their rooms, and what each has published meanwhile has to be there once. The
        successor may not get a quarter more than the rate over any five seconds, and no tenth of the time over which an attempt may
        come may have more than a fifth of the clients.

        """;

    public SoakOptions(SoakArguments arguments)
        : this(arguments.Transport, arguments.Minutes(20), arguments.Seed, arguments.Number("--actors", 24, 1, 1_000)) { }
}
