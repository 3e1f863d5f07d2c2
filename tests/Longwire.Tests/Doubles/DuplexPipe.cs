using System.IO.Pipelines;

namespace Longwire.Tests;

/// <summary>One end of two pipes.</summary>
internal sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;

    public static (IDuplexPipe One, IDuplexPipe Other) Create(bool inline = false, long pauseThreshold = 64 << 10)
    {
        PipeScheduler scheduler = inline ? PipeScheduler.Inline : PipeScheduler.ThreadPool;
        var options = new PipeOptions(
            readerScheduler: scheduler,
            writerScheduler: scheduler,
            useSynchronizationContext: false,
            pauseWriterThreshold: pauseThreshold,
            resumeWriterThreshold: pauseThreshold / 2
        );
        var there = new Pipe(options);
        var back = new Pipe(options);
        return (new DuplexPipe(back.Reader, there.Writer), new DuplexPipe(there.Reader, back.Writer));
    }
}
