namespace Longwire.Cli.Generate;

/// <summary>The application's hub can't be read; the message says why.</summary>
internal sealed class ContractException(string message) : Exception(message);
