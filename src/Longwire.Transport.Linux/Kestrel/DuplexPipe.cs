using System.IO.Pipelines;

namespace Longwire.Transport.Linux;

/// <summary>A reader of one pipe with the writer of another.</summary>
internal sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
