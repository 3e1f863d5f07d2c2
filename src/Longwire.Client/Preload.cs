using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;

namespace Longwire.Client;

/// <summary>Loads what connecting and failing need. A test finds what is missing here.</summary>
internal static class Preload
{
    private static readonly string[] _assemblies =
    [
        "System.Collections",
        "System.Collections.Concurrent",
        "System.Collections.Immutable",
        "System.Collections.NonGeneric",
        "System.Diagnostics.DiagnosticSource",
        "System.Diagnostics.StackTrace",
        "System.Diagnostics.Tracing",
        "System.Formats.Asn1",
        "System.IO.MemoryMappedFiles",
        "System.Linq",
        "System.Memory",
        "System.Net.Http",
        "System.Net.NameResolution",
        "System.Net.Primitives",
        "System.Net.Security",
        "System.Net.Sockets",
        "System.Reflection.Metadata",
        "System.Runtime.InteropServices",
        "System.Runtime.Intrinsics",
        "System.Security.Cryptography",
        "System.Text.Encoding.Extensions",
        "System.Threading",
        "System.Threading.Thread",
        "System.Threading.ThreadPool",
    ];

    public static void Run()
    {
        foreach (string name in _assemblies)
        {
            try
            {
                Assembly.Load(name);
            }
            catch (IOException)
            {
                // A program that is one file, trimmed or compiled ahead of time has what it needs.
            }
        }

        // The library of TLS, and the threads that wait for sockets.
        _ = RandomNumberGenerator.GetInt32(2);
        StartPolling();
    }

    private static void StartPolling()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            using var cancelled = new CancellationTokenSource();
            Task<int> receiving = socket.ReceiveAsync(Memory<byte>.Empty, cancelled.Token).AsTask();
            cancelled.Cancel();
            _ = receiving.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
        catch (SocketException)
        {
            // Connecting will say why there are no sockets.
        }
    }
}
