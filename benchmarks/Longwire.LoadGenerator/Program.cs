using System.Net.Sockets;
using System.Text.Json;
using Longwire.LoadGenerator;

const string Help = """
    A load generator for echo servers on loopback: closed loop, one thread, epoll.

    load-generator --port PORT [options]      measures once: JSON on stdout, a line for people on stderr
      --path /echo         request target          --connections 200   open at a time
      --in-flight 1        messages under way on each connection
      --payload 20         bytes a message         --binary            in place of text
      --warm-up 3          seconds                 --window 9          seconds
      --server-pid PID     counts that process's CPU seconds
      --raw                the same bytes over plain TCP, without handshake and frames
      --name NAME          --scenario TITLE        for the report
    load-generator report FILE                reads such lines of JSON and prints Markdown tables of medians

    Exit codes: 0 done, 1 usage, 2 the server failed.
    """;

try
{
    switch (args)
    {
        case [] or ["--help" or "-h", ..]:
            Console.WriteLine(Help);
            return 0;
        case ["report", string file]:
            Console.WriteLine(LoadReport.Write(File.ReadLines(file)));
            return 0;
    }

    using var loop = new LoadLoop(LoadOptions.Parse(args));
    LoadResult result = loop.Run();
    Console.WriteLine(JsonSerializer.Serialize(result));
    Console.Error.WriteLine(result);
    return 0;
}
catch (FormatException usage)
{
    Console.Error.WriteLine(usage.Message);
    return 1;
}
catch (Exception failure) when (failure is LoadException or SocketException or IOException)
{
    Console.Error.WriteLine(failure.Message);
    return 2;
}
