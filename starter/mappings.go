package main

import "github.com/spf13/cobra"

func mappingsCommand(t *terminal) *cobra.Command { return &cobra.Command{Use: "mappings"} }
func nightsCommand(t *terminal) *cobra.Command   { return &cobra.Command{Use: "nights"} }
func doctorCommand(t *terminal) *cobra.Command   { return &cobra.Command{Use: "doctor"} }
