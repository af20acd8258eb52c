# One consumer, created while its lock is held. Use it from a chain such as
# ../main.tf, never with count or for_each over several: see there.

variable "name" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "security_group_ids" {
  type = list(string)
}

variable "base_capacity" {
  type    = number
  default = 8
}

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

# acquire and release are two processes; the owner ties them together. The
# lease is longer than a creation ever takes, and before it is broken AWS is
# asked whether the workgroup is still being created.
resource "terraform_data" "acquire" {
  input = "terraform ${var.name}"

  provisioner "local-exec" {
    command = "rs-lock acquire --owner \"$OWNER\" --workgroup \"$WORKGROUP\" --lease 2h --timeout 3h"
    environment = {
      OWNER     = self.input
      WORKGROUP = var.name
    }
  }
}

resource "aws_redshiftserverless_namespace" "this" {
  namespace_name = var.name
  depends_on     = [terraform_data.acquire]
}

resource "aws_redshiftserverless_workgroup" "this" {
  namespace_name     = aws_redshiftserverless_namespace.this.namespace_name
  workgroup_name     = var.name
  base_capacity      = var.base_capacity
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
}

# Terraform thinks that a workgroup is ready when it is AVAILABLE once; wait
# until it stays so before the next one may begin. If the lock was lost in
# between, this fails and says so: the next apply does not start from a guess.
resource "terraform_data" "release" {
  triggers_replace = [aws_redshiftserverless_workgroup.this.arn, terraform_data.acquire.id]

  provisioner "local-exec" {
    command = "rs-wait-workgroup \"$WORKGROUP\" && rs-lock release --owner \"$OWNER\""
    environment = {
      OWNER     = terraform_data.acquire.output
      WORKGROUP = var.name
    }
  }
}

output "workgroup" {
  value      = var.name
  depends_on = [terraform_data.release]
}
