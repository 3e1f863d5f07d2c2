using System.IO.Pipelines;

namespace Longwire.Hubs.Tests;

internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
