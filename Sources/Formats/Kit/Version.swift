/// The version of both programs, which are released together.
public let programVersion = "0.1.0"
