using System.Net;
using System.Runtime.InteropServices;
using Longwire.LoopEcho;
using Longwire.Transport.Linux;

// A raw TCP echo on the event loops: what they cost without any protocol.
// Usage: Longwire.LoopEcho epoll|uring [loops] [port] [reuseport]
var options = new EventLoopOptions
{
    Kind = args is ["uring", ..] ? EventLoopKind.IoUring : EventLoopKind.Epoll,
    LoopCount = args.Length > 1 ? int.Parse(args[1]) : 1,
};
int port = args.Length > 2 ? int.Parse(args[2]) : 0;
await using var group = new EventLoopGroup(options);
var handler = new EchoHandler();
await using LoopListener listener = await LoopListener.StartAsync(
    group, new IPEndPoint(IPAddress.Loopback, port), _ => handler, new LoopListenerOptions { ReusePort = args is [.., "reuseport"] });
Console.WriteLine($"{group.Kind} {listener.EndPoint}");

long before = GC.GetTotalAllocatedBytes();
var ended = new TaskCompletionSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
await ended.Task;
Console.WriteLine($"allocated {GC.GetTotalAllocatedBytes() - before} bytes; sockets {string.Join(", ", group.Loops.Select(loop => loop.SocketCount))}");

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ended.TrySetResult();
}
