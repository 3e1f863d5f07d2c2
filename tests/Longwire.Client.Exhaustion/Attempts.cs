using Microsoft.Win32.SafeHandles;

namespace Longwire.Client.Exhaustion;

/// <summary>Attempts to connect in a process that may open no more files.</summary>
internal static class Attempts
{
    private const int Threads = 8;
    private const int Rounds = 10;

    private static readonly WebSocketClientOptions _options = WebSocketClientOptions.Default with
    {
        ConnectTimeout = TimeSpan.FromMinutes(2),
    };

    public static async Task RunAsync(int free, bool warm, string[] addresses)
    {
        await StartThreadsAsync();
        Uri[] uris = [.. addresses.Select(static address => new Uri(address))];
        // The program knows the library before the limit is reached: nobody can help one that doesn't.
        _ = _options;
        _ = new WebSocketHandshakeException("", null);
        var held = new Stack<SafeFileHandle>(1 << 16);
        Console.WriteLine("begin");
        if (warm)
        {
            await ConnectAsync("warm", uris[0]);
            AppDomain.CurrentDomain.AssemblyLoad += static (_, loaded) =>
                Console.WriteLine("loaded " + loaded.LoadedAssembly.GetName().Name);
        }

        foreach (Uri uri in uris)
        {
            TakeAll(held);
            for (int i = 0; i < free; i++)
            {
                held.Pop().Dispose();
            }

            await ConnectAsync("full", uri);
        }

        while (held.TryPop(out SafeFileHandle? handle))
        {
            handle.Dispose();
        }

        foreach (Uri uri in uris)
        {
            await ConnectAsync("free", uri);
        }
    }

    // The runtime ends a process in which it can't start a thread of the pool, as it can't without files to open; so they are there before.
    private static async Task StartThreadsAsync()
    {
        ThreadPool.SetMinThreads(Threads, Threads);
        using var all = new Barrier(Threads);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(all.SignalAndWait)));
    }

    /// <summary>Takes all descriptors, those too that the runtime has for a moment, as when it reads how much memory there is.</summary>
    private static void TakeAll(Stack<SafeFileHandle> held)
    {
        for (int failures = 0; failures < Rounds; )
        {
            try
            {
                held.Push(Open());
            }
            catch (IOException)
            {
                failures++;
                Thread.Sleep(10);
            }
        }
    }

    private static SafeFileHandle Open() => File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    private static async Task ConnectAsync(string when, Uri uri)
    {
        try
        {
            WebSocketConnection socket = await WebSocketClient.ConnectAsync(uri, _options);
            socket.Abort();
            await socket.Completion;
            Console.WriteLine($"{when} {uri.AbsolutePath} open");
        }
        catch (WebSocketHandshakeException exception)
        {
            Console.WriteLine($"{when} {uri.AbsolutePath} {exception.Message}");
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{when} {uri.AbsolutePath} unexpected {exception}");
        }
    }
}
