package config

// Lock lets a test be the other program that edits.
var Lock = lock
