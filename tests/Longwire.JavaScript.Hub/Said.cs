namespace Longwire.JavaScript.Hub;

/// <summary>The message that the hub publishes when a test asks for it.</summary>
internal sealed record Said(int Number, long At);
