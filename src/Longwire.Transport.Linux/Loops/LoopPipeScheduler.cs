using System.IO.Pipelines;

namespace Longwire.Transport.Linux;

/// <summary>Runs the continuations of a pipe on its loop.</summary>
internal sealed class LoopPipeScheduler(EventLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => loop.Post(new ActionWorkItem(action, state));
}
