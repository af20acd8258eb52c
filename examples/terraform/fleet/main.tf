# Many consumers, created one at a time, at Terraform's default parallelism.
#
# The obvious shape, one module with count = var.consumer_count around
# acquire, workgroup and release, never ends, with two consumers already.
# Terraform orders resources, not their instances: a workgroup waits for every
# acquire of the counted module, also those of the other consumers, and they
# wait for the lock that the first one holds. More -parallelism does not help.
# (Separate modules without an order have another limit: at most ten steps run
# at a time, and each acquire that waits is one.)
#
# So Terraform itself puts the consumers in order: each module depends on the
# one before, and only one acquire runs at a time. The lock then keeps out
# other applies and pipelines. There is a block for each of the 25 workgroups
# that an account may have by default.
#
# After Ctrl-C, or when a creation failed, apply again: the lock is still held
# for the consumer that was being created, under its lease, and is released
# behind it. If that was longer ago than the lease (2 h), take it anew:
#
#	terraform apply -replace='module.consumer_07[0].terraform_data.acquire'

terraform {
  required_version = ">= 1.4"
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "consumer_count" {
  type = number
  validation {
    condition     = var.consumer_count >= 0 && var.consumer_count <= 25
    error_message = "There is a block for 25 consumers; add more below."
  }
}

variable "prefix" {
  type    = string
  default = "airline-consumer"
}

variable "subnet_ids" {
  type = list(string)
}

variable "security_group_ids" {
  type = list(string)
}

module "consumer_01" {
  source             = "./consumer"
  count              = var.consumer_count >= 1 ? 1 : 0
  name               = "${var.prefix}-1"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
}

module "consumer_02" {
  source             = "./consumer"
  count              = var.consumer_count >= 2 ? 1 : 0
  name               = "${var.prefix}-2"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_01]
}

module "consumer_03" {
  source             = "./consumer"
  count              = var.consumer_count >= 3 ? 1 : 0
  name               = "${var.prefix}-3"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_02]
}

module "consumer_04" {
  source             = "./consumer"
  count              = var.consumer_count >= 4 ? 1 : 0
  name               = "${var.prefix}-4"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_03]
}

module "consumer_05" {
  source             = "./consumer"
  count              = var.consumer_count >= 5 ? 1 : 0
  name               = "${var.prefix}-5"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_04]
}

module "consumer_06" {
  source             = "./consumer"
  count              = var.consumer_count >= 6 ? 1 : 0
  name               = "${var.prefix}-6"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_05]
}

module "consumer_07" {
  source             = "./consumer"
  count              = var.consumer_count >= 7 ? 1 : 0
  name               = "${var.prefix}-7"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_06]
}

module "consumer_08" {
  source             = "./consumer"
  count              = var.consumer_count >= 8 ? 1 : 0
  name               = "${var.prefix}-8"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_07]
}

module "consumer_09" {
  source             = "./consumer"
  count              = var.consumer_count >= 9 ? 1 : 0
  name               = "${var.prefix}-9"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_08]
}

module "consumer_10" {
  source             = "./consumer"
  count              = var.consumer_count >= 10 ? 1 : 0
  name               = "${var.prefix}-10"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_09]
}

module "consumer_11" {
  source             = "./consumer"
  count              = var.consumer_count >= 11 ? 1 : 0
  name               = "${var.prefix}-11"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_10]
}

module "consumer_12" {
  source             = "./consumer"
  count              = var.consumer_count >= 12 ? 1 : 0
  name               = "${var.prefix}-12"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_11]
}

module "consumer_13" {
  source             = "./consumer"
  count              = var.consumer_count >= 13 ? 1 : 0
  name               = "${var.prefix}-13"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_12]
}

module "consumer_14" {
  source             = "./consumer"
  count              = var.consumer_count >= 14 ? 1 : 0
  name               = "${var.prefix}-14"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_13]
}

module "consumer_15" {
  source             = "./consumer"
  count              = var.consumer_count >= 15 ? 1 : 0
  name               = "${var.prefix}-15"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_14]
}

module "consumer_16" {
  source             = "./consumer"
  count              = var.consumer_count >= 16 ? 1 : 0
  name               = "${var.prefix}-16"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_15]
}

module "consumer_17" {
  source             = "./consumer"
  count              = var.consumer_count >= 17 ? 1 : 0
  name               = "${var.prefix}-17"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_16]
}

module "consumer_18" {
  source             = "./consumer"
  count              = var.consumer_count >= 18 ? 1 : 0
  name               = "${var.prefix}-18"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_17]
}

module "consumer_19" {
  source             = "./consumer"
  count              = var.consumer_count >= 19 ? 1 : 0
  name               = "${var.prefix}-19"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_18]
}

module "consumer_20" {
  source             = "./consumer"
  count              = var.consumer_count >= 20 ? 1 : 0
  name               = "${var.prefix}-20"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_19]
}

module "consumer_21" {
  source             = "./consumer"
  count              = var.consumer_count >= 21 ? 1 : 0
  name               = "${var.prefix}-21"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_20]
}

module "consumer_22" {
  source             = "./consumer"
  count              = var.consumer_count >= 22 ? 1 : 0
  name               = "${var.prefix}-22"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_21]
}

module "consumer_23" {
  source             = "./consumer"
  count              = var.consumer_count >= 23 ? 1 : 0
  name               = "${var.prefix}-23"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_22]
}

module "consumer_24" {
  source             = "./consumer"
  count              = var.consumer_count >= 24 ? 1 : 0
  name               = "${var.prefix}-24"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_23]
}

module "consumer_25" {
  source             = "./consumer"
  count              = var.consumer_count >= 25 ? 1 : 0
  name               = "${var.prefix}-25"
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
  depends_on         = [module.consumer_24]
}
