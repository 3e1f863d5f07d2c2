using System.IO.Pipelines;

namespace Longwire.Hub.Tests;

internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
