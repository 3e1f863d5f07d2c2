using Longwire.Cli;

return await CommandLine.RunAsync(args, CommandStreams.OfProcess());
